use super::alter::default_grants;
use super::create::aside_name;
use super::graph::is_view;
use super::node::Node;
use super::transition::{Fate, Transition};
use crate::catalog::ddl::{
    alter, cluster, index_name, partition, policy_object, rule_object, signature, table_word, trigger_object,
    type_word,
};
use crate::catalog::table::Table;
use crate::catalog::types::TypeKind;
use crate::text::quote;

impl<'a> Transition<'a> {
    /// The statements that drop a node of the first catalog.
    pub(super) fn drop(&self, node: Node<'a>) -> Option<Vec<String>> {
        let named = |kind: &str, name: &str| format!("DROP {kind} {}", quote::identifier(name));
        let statement = match node {
            Node::Schema(name) if self.holds_extension(name) => return Some(Vec::new()),
            Node::Schema(name) => named("SCHEMA", name),
            Node::Extension(name) => named("EXTENSION", name),
            Node::Wrapper(name) => named("FOREIGN DATA WRAPPER", name),
            Node::Server(name) => named("SERVER", name),
            Node::Publication(name) => named("PUBLICATION", name),
            Node::EventTrigger(name) => named("EVENT TRIGGER", name),
            Node::Generic(kind, name) | Node::Late(kind, name) => {
                let object = self.from.catalog().objects.get(&(kind.to_owned(), name.to_owned()))?;
                return Some(object.drop.clone());
            }
            // Its own functions need it too, and go along.
            Node::Type(name) if self.from.nodes.contains(&Node::Shell(name)) => {
                format!("DROP TYPE {} CASCADE", name.quoted())
            }
            Node::Shell(_) => return Some(Vec::new()),
            Node::Type(name) => {
                let word = type_word(self.from.types.get(name)?);
                let is_range = matches!(self.from.types.get(name)?.kind, TypeKind::Range(_));
                match self.aside.contains(&node) {
                    // It was dropped when it was set aside.
                    true if is_range => return Some(Vec::new()),
                    true => format!("DROP {word} {}", aside_name(name).quoted()),
                    false => format!("DROP {word} {}", name.quoted()),
                }
            }
            Node::DomainCheck(domain, name) => {
                format!("ALTER DOMAIN {} DROP CONSTRAINT {}", domain.quoted(), quote::identifier(name))
            }
            Node::Function(name, types) => {
                format!("DROP {}", signature(self.from.functions.get(&(name, types))?))
            }
            Node::Sequence(name) => format!("DROP SEQUENCE {}", name.quoted()),
            Node::OwnedBy(name) => format!("ALTER SEQUENCE {} OWNED BY NONE", name.quoted()),
            Node::Statistics(name) => format!("DROP STATISTICS {}", name.quoted()),
            Node::Published(name, _) => {
                let mut tables = self.from.needs_of(node).filter(|need| matches!(need, Node::Table(_)));
                let table = tables.next()?.table()?.quoted();
                format!("ALTER PUBLICATION {} DROP TABLE {table}", quote::identifier(name))
            }
            Node::DefaultGrant(grant) if self.to.ddl.has_access() => {
                return Some(default_grants(grant, self.from.catalog().default_grants.get(grant), None));
            }
            Node::DefaultGrant(_) => return Some(Vec::new()),
            Node::Other(kind, name) => match (mapping_option(kind), self.from.whole_of(kind, name)) {
                (Some(option), _) => format!("ALTER USER MAPPING {name} OPTIONS (DROP {option})"),
                (None, Some(_)) => return Some(Vec::new()),
                (None, None) => format!("DROP {} {name}", kind.to_uppercase()),
            },
            _ => return self.drop_part(node, self.from.table(node.table()?)?),
        };
        Some(vec![statement])
    }

    /// Whether an extension that can't be moved stays in a schema.
    fn holds_extension(&self, schema: &str) -> bool {
        let mut extensions = self.from.catalog().extensions.iter();
        extensions
            .any(|(name, it)| it.schema == schema && !it.relocatable && !self.drops(Node::Extension(name)))
    }

    /// The parts of objects that stay, and that no statement here takes away.
    pub(super) fn undropped(&self) -> impl Iterator<Item = Node<'a>> {
        self.from.nodes.iter().copied().filter(|node| match *node {
            Node::Other(kind, name) => {
                let whole = self.from.whole_of(kind, name);
                let stays = whole.is_some_and(|whole| !self.drops(whole));
                stays && self.drops(*node) && mapping_option(kind).is_none()
            }
            _ => false,
        })
    }

    fn drop_part(&self, node: Node<'a>, table: &'a Table) -> Option<Vec<String>> {
        let name = table.name.quoted();
        let is_replaced = self.fate(node) == Some(Fate::Replace);
        let statement = match node {
            Node::Table(_) => format!("DROP {} {name}", table_word(table)),
            Node::Column(..) if is_view(table) => return Some(Vec::new()),
            Node::Column(_, column) => {
                format!("ALTER TABLE {name} DROP COLUMN {}", quote::identifier(column))
            }
            Node::Default(_, column) => {
                format!("{} ALTER COLUMN {} DROP DEFAULT", alter(table), quote::identifier(column))
            }
            Node::Constraint(_, constraint) => {
                format!("ALTER TABLE {name} DROP CONSTRAINT {}", quote::identifier(constraint))
            }
            Node::Index(_, index) => format!("DROP INDEX {}", index_name(table, index)),
            Node::Trigger(_, trigger) => format!("DROP {}", trigger_object(table, trigger)),
            Node::Rule(_, rule) => format!("DROP {}", rule_object(table, rule)),
            Node::Policy(_, policy) => format!("DROP {}", policy_object(table, policy)),
            Node::OfType(_) => format!("{} NOT OF", alter(table)),
            Node::Parent(_, parent) => format!("{} NO INHERIT {}", alter(table), parent.quoted()),
            Node::Partition(_) => {
                let parent = self.from.name_of(partition(table)?.of)?.quoted();
                format!("ALTER TABLE {parent} DETACH PARTITION {name}")
            }
            Node::ReplicaIdentity(_) | Node::Cluster(_) if is_replaced => return Some(Vec::new()),
            Node::ReplicaIdentity(_) => format!("{} REPLICA IDENTITY DEFAULT", alter(table)),
            Node::Cluster(_) => cluster(table, None),
            _ => return Some(Vec::new()),
        };
        Some(vec![statement])
    }
}

/// The option of a user mapping that stands apart from it, because it holds a secret.
fn mapping_option(kind: &str) -> Option<&str> {
    kind.strip_prefix("option ")?.strip_suffix(" of user mapping")
}
