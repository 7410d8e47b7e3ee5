use super::graph::Graph;
use super::node::Node;
use crate::catalog::constraint::Constraint;
use crate::catalog::ddl::table_word;
use crate::catalog::difference::CatalogObject;

impl<'a> Graph<'a> {
    /// A node as differences name it; parts without a name of their own go by the name of their table.
    pub(super) fn object(&self, node: Node<'a>) -> CatalogObject {
        let (kind, name) = match node {
            Node::Schema(name) => ("schema", name.to_owned()),
            Node::Extension(name) => ("extension", name.to_owned()),
            Node::Wrapper(name) => ("foreign data wrapper", name.to_owned()),
            Node::Server(name) => ("server", name.to_owned()),
            Node::Generic(kind, name) | Node::Late(kind, name) => (kind, name.to_owned()),
            Node::Type(name) | Node::Shell(name) => ("type", name.to_string()),
            Node::DomainCheck(domain, name) => ("constraint", format!("{domain}.{name}")),
            Node::Function(name, types) => ("function", format!("{name}({types})")),
            Node::Sequence(name) | Node::OwnedBy(name) => ("sequence", name.to_string()),
            Node::Statistics(name) => ("statistics", name.to_string()),
            Node::Publication(name) | Node::Published(name, _) => ("publication", name.to_owned()),
            Node::EventTrigger(name) => ("event trigger", name.to_owned()),
            Node::Other(kind, name) => (kind, name.to_owned()),
            Node::DefaultGrant(grant) => {
                let place = grant.schema.as_ref().map(|schema| format!(" in {schema}")).unwrap_or_default();
                ("default privileges", format!("{} of {}{place}", grant.objects, grant.role))
            }
            Node::Column(table, name) | Node::Default(table, name) => ("column", format!("{table}.{name}")),
            Node::Constraint(table, name) => {
                let constraint = self.table(table).and_then(|table| table.constraints.get(name));
                (constraint.map_or("constraint", Constraint::word), format!("{table}.{name}"))
            }
            Node::Index(table, name) | Node::IndexPart(table, name) => ("index", format!("{table}.{name}")),
            Node::Trigger(table, name) => ("trigger", format!("{table}.{name}")),
            Node::Rule(table, name) => ("rule", format!("{table}.{name}")),
            Node::Policy(table, name) => ("policy", format!("{table}.{name}")),
            Node::Table(name)
            | Node::OfType(name)
            | Node::Parent(name, _)
            | Node::Partition(name)
            | Node::ReplicaIdentity(name)
            | Node::Cluster(name) => {
                let word = self.table(name).map_or("TABLE", table_word).to_lowercase();
                return CatalogObject { kind: word, name: name.to_string() };
            }
        };
        CatalogObject { kind: kind.to_owned(), name }
    }
}
