use crate::catalog::ddl::{Grants, comment};
use crate::catalog::difference::CatalogObject;
use crate::catalog::operation::node::Node;
use crate::catalog::operation::operation::Action;
use crate::catalog::operation::transition::Transition;
use crate::text::quote;

/// A change of an object in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::catalog::operation) struct Alteration {
    pub(in crate::catalog::operation) action: Action,
    pub(in crate::catalog::operation) statements: Vec<String>,
    /// The part of the node that is changed, if not the node itself.
    pub(in crate::catalog::operation) part: Option<CatalogObject>,
    pub(in crate::catalog::operation) commit: bool,
}

impl Alteration {
    pub(super) fn of(statements: Vec<String>) -> Alteration {
        Alteration { action: Action::Alter, statements, part: None, commit: false }
    }

    pub(super) fn committed(statements: Vec<String>) -> Alteration {
        Alteration { commit: true, ..Alteration::of(statements) }
    }
}

impl<'a> Transition<'a> {
    /// The changes in place that make a node of the first catalog that of the second.
    pub(in crate::catalog::operation) fn alter(&self, node: Node<'a>) -> Vec<Alteration> {
        let mut all = self.alterations(node).unwrap_or_default();
        all.retain(|alteration| !alteration.statements.is_empty());
        all
    }

    fn alterations(&self, node: Node<'a>) -> Option<Vec<Alteration>> {
        match node {
            Node::Schema(name) => self.alter_schema(name),
            Node::Extension(name) => self.alter_extension(name),
            Node::Wrapper(name) => self.alter_wrapper(name),
            Node::Server(name) => self.alter_server(name),
            Node::Generic(kind, name) | Node::Late(kind, name) => self.alter_generic(kind, name),
            Node::Publication(name) => self.alter_publication(name),
            Node::EventTrigger(name) => self.alter_event_trigger(name),
            Node::DefaultGrant(grant) => self.alter_default_grant(grant),
            Node::Type(name) => self.alter_type(name),
            Node::Function(name, types) => self.alter_function(name, types),
            Node::Sequence(name) => self.alter_sequence(name),
            Node::OwnedBy(name) => self.alter_owned_by(name),
            Node::Table(name) => self.alter_table(name),
            Node::Column(table, name) => self.alter_column(table, name),
            Node::Default(table, name) => self.alter_default(table, name),
            Node::Statistics(name) => self.alter_statistics(name),
            Node::Constraint(table, name) => self.alter_constraint(table, name),
            Node::Index(table, name) => self.alter_index(table, name),
            Node::Trigger(table, name) => self.alter_trigger(table, name),
            Node::Rule(table, name) => self.alter_rule(table, name),
            Node::Policy(table, name) => self.alter_policy(table, name),
            Node::ReplicaIdentity(table) | Node::Cluster(table) => self.alter_index_choice(node, table),
            Node::DomainCheck(..)
            | Node::OfType(_)
            | Node::Parent(..)
            | Node::Partition(_)
            | Node::IndexPart(..)
            | Node::Published(..)
            | Node::Shell(_)
            | Node::Other(..) => None,
        }
    }

    /// Owner, privileges and comment of an object; `named` is the object as ALTER and COMMENT name it.
    pub(super) fn alter_owner(&self, named: &str, (was, is): (&str, &str)) -> Vec<Alteration> {
        let change = was != is && self.to.ddl.has_access();
        let statement = change.then(|| format!("ALTER {named} OWNER TO {}", quote::identifier(is)));
        vec![Alteration::of(statement.into_iter().collect())]
    }

    pub(super) fn alter_grants(
        &self,
        grants: &Grants<'_>,
        (was, is): (&Option<Vec<String>>, &Option<Vec<String>>),
    ) -> Alteration {
        let statements = match was != is && self.to.ddl.has_access() {
            true => grants.fix(is.as_ref(), was.as_ref()),
            false => Vec::new(),
        };
        Alteration { action: Action::Grant, ..Alteration::of(statements) }
    }
}

pub(super) fn alter_comment(named: &str, (was, is): (&Option<String>, &Option<String>)) -> Alteration {
    let statement = (was != is).then(|| comment(named, is.as_deref()));
    Alteration { action: Action::Comment, ..Alteration::of(statement.into_iter().collect()) }
}
