use super::alter::default_grants;
use super::graph::is_view;
use super::node::Node;
use super::transition::Transition;
use crate::catalog::constraint::{Constraint, ConstraintKind};
use crate::catalog::ddl::{
    alter, attach_index, cluster, comment, domain_check, partition, replica_identity, set_default, type_part,
};
use crate::catalog::namespace::QualifiedName;
use crate::catalog::table::Table;
use crate::text::quote;

impl<'a> Transition<'a> {
    /// The statements that create a node of the second catalog.
    pub(super) fn create(&self, node: Node<'a>) -> Option<Vec<String>> {
        let (catalog, ddl) = (self.to.catalog(), &self.to.ddl);
        Some(match node {
            Node::Schema(name) => ddl.create_schema(name, catalog.namespaces.get(name)?),
            Node::Extension(name) => ddl.extension(name, catalog.extensions.get(name)?),
            Node::Wrapper(name) => ddl.wrapper(name, catalog.wrappers.get(name)?),
            Node::Server(name) => ddl.server(name, catalog.servers.get(name)?),
            Node::Generic(kind, name) => ddl.named(kind, name),
            Node::Late(kind, name) => ddl.late_object(kind, name),
            Node::Type(name) => ddl.type_after(self.to.types.get(name)?, self.creates(Node::Shell(name))),
            Node::Shell(name) => vec![ddl.begin_type(self.to.types.get(name)?)],
            Node::DomainCheck(domain, name) => {
                let definition = self.to.domain_check(domain, name)?;
                let domain = *self.to.types.get(domain)?;
                let comments =
                    domain.comments.get(name).map(|text| comment(&type_part(domain, name), Some(text)));
                let check = domain_check(&domain.name.quoted(), name, definition);
                std::iter::once(check).chain(comments).collect()
            }
            Node::Function(name, types) => ddl.function(self.to.functions.get(&(name, types))?),
            Node::Sequence(name) => ddl.new_sequence(self.to.sequences.get(name)?),
            Node::OwnedBy(name) => vec![ddl.sequence_owned_by(self.to.sequences.get(name)?)],
            Node::Statistics(name) => ddl.statistics(self.to.statistics.get(name)?),
            Node::Publication(name) => ddl.publication(name, catalog.publications.get(name)?),
            Node::Published(name, line) => {
                vec![format!("ALTER PUBLICATION {} ADD TABLE {line}", quote::identifier(name))]
            }
            Node::EventTrigger(name) => ddl.event_trigger(name, catalog.event_triggers.get(name)?),
            Node::DefaultGrant(grant) if ddl.has_access() => {
                default_grants(grant, None, catalog.default_grants.get(grant))
            }
            Node::DefaultGrant(_) => Vec::new(),
            Node::Table(name) => {
                let (oid, table) = *self.to.tables.get(name)?;
                ddl.new_table(oid, table)
            }
            Node::Other(..) => return None,
            _ => self.create_part(node, self.to.table(node.table()?)?)?,
        })
    }

    fn create_part(&self, node: Node<'a>, table: &'a Table) -> Option<Vec<String>> {
        let ddl = &self.to.ddl;
        Some(match node {
            Node::Column(_, name) => return self.create_column(table, name),
            Node::Default(_, name) => vec![set_default(table, self.to.column(&table.name, name)?.1)],
            Node::Constraint(_, name) => {
                let constraint = table.constraints.get(name)?;
                let mut statements = ddl.constraint(table, name, constraint);
                statements.extend(self.validate_below(table, name, constraint));
                statements
            }
            Node::Index(_, name) => ddl.index(table, name, table.indexes.get(name)?),
            Node::IndexPart(_, name) => {
                vec![attach_index(table, name, table.indexes.get(name)?.part_of.as_ref()?)]
            }
            Node::Trigger(_, name) => ddl.trigger(table, name, table.triggers.get(name)?),
            Node::Rule(_, name) => ddl.rule(table, name, table.rules.get(name)?),
            Node::Policy(_, name) => ddl.policy(table, name, table.policies.get(name)?),
            Node::OfType(_) => vec![format!("{} OF {}", alter(table), table.of_type.as_ref()?)],
            Node::Parent(_, parent) => vec![format!("{} INHERIT {}", alter(table), parent.quoted())],
            Node::Partition(_) => {
                let partition = partition(table)?;
                let (parent, child) = (self.to.name_of(partition.of)?.quoted(), table.name.quoted());
                vec![format!("ALTER TABLE ONLY {parent} ATTACH PARTITION {child} {}", partition.bound)]
            }
            Node::ReplicaIdentity(_) => vec![replica_identity(table)],
            Node::Cluster(_) => {
                let (name, _) = table.indexes.iter().find(|(_, index)| index.clustered)?;
                vec![cluster(table, Some(name))]
            }
            _ => return None,
        })
    }

    /// A check that is not valid is not valid for the children either, unless it is validated there.
    fn validate_below(&self, table: &Table, name: &str, constraint: &Constraint) -> Vec<String> {
        if constraint.validated || constraint.kind != ConstraintKind::Check {
            return Vec::new();
        }
        let below = self.to.descendants(&table.name).into_iter().filter(|child| {
            let own = self.to.table(child).and_then(|child| child.constraints.get(name));
            own.is_some_and(|own| own.validated && own.inherited)
                && self.from.tables.contains_key(child)
                && !self.creates(Node::Table(child))
        });
        let name = quote::identifier(name);
        below.map(|child| format!("ALTER TABLE {} VALIDATE CONSTRAINT {name}", child.quoted())).collect()
    }

    fn create_column(&self, table: &'a Table, name: &str) -> Option<Vec<String>> {
        let ddl = &self.to.ddl;
        let (oid, _) = *self.to.tables.get(&table.name)?;
        let (number, column) = self.to.column(&table.name, name)?;
        let mut statements = Vec::new();
        if !is_view(table) {
            let definition = ddl.column(oid, number, table, column);
            statements.push(format!("ALTER TABLE {} ADD COLUMN {definition}", table.name.quoted()));
            let sequence = ddl.identity_sequence(oid, number);
            statements.extend(sequence.into_iter().flat_map(|it| ddl.sequence_rest(it)));
        }
        statements.extend(ddl.column_rest(table, column));
        Some(statements)
    }
}

/// The name of a type until nothing needs it any more.
pub(super) fn aside_name(name: &QualifiedName) -> QualifiedName {
    let kept: String = name.name.chars().take(50).collect();
    QualifiedName { schema: name.schema.clone(), name: format!("{kept}__replaced") }
}
