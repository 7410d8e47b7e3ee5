use crate::catalog::database::DefaultGrant;
use crate::catalog::namespace::QualifiedName;

/// An object, or a part of one that has statements of its own, by name: so that the same object is found in two catalogs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Node<'a> {
    Schema(&'a str),
    Extension(&'a str),
    Wrapper(&'a str),
    Server(&'a str),
    /// A generic object.
    Generic(&'a str, &'a str),
    /// A generic object that comes after all others.
    Late(&'a str, &'a str),
    /// The shell of a type whose functions name it before it is defined.
    Shell(&'a QualifiedName),
    Type(&'a QualifiedName),
    /// A constraint of a domain.
    DomainCheck(&'a QualifiedName, &'a str),
    /// A function, procedure or aggregate, with the types of its arguments.
    Function(&'a QualifiedName, &'a str),
    Sequence(&'a QualifiedName),
    Table(&'a QualifiedName),
    Column(&'a QualifiedName, &'a str),
    /// The default of a column.
    Default(&'a QualifiedName, &'a str),
    Constraint(&'a QualifiedName, &'a str),
    /// An index without a constraint.
    Index(&'a QualifiedName, &'a str),
    /// That a sequence belongs to a column.
    OwnedBy(&'a QualifiedName),
    /// That a table is `OF` a type.
    OfType(&'a QualifiedName),
    /// That a table inherits from another.
    Parent(&'a QualifiedName, &'a QualifiedName),
    /// That a table is a partition.
    Partition(&'a QualifiedName),
    /// That an index is attached to that of the partitioned table.
    IndexPart(&'a QualifiedName, &'a str),
    ReplicaIdentity(&'a QualifiedName),
    /// The index on which a table is clustered.
    Cluster(&'a QualifiedName),
    Statistics(&'a QualifiedName),
    Rule(&'a QualifiedName, &'a str),
    Trigger(&'a QualifiedName, &'a str),
    Policy(&'a QualifiedName, &'a str),
    Publication(&'a str),
    /// A table of a publication, as SQL.
    Published(&'a str, &'a str),
    /// An object that is known by kind and name only.
    Other(&'a str, &'a str),
    DefaultGrant(&'a DefaultGrant),
    EventTrigger(&'a str),
}

impl<'a> Node<'a> {
    /// The table that it is or belongs to.
    pub(super) fn table(self) -> Option<&'a QualifiedName> {
        match self {
            Node::Table(table)
            | Node::Column(table, _)
            | Node::Default(table, _)
            | Node::Constraint(table, _)
            | Node::Index(table, _)
            | Node::OfType(table)
            | Node::Parent(table, _)
            | Node::Partition(table)
            | Node::IndexPart(table, _)
            | Node::ReplicaIdentity(table)
            | Node::Cluster(table)
            | Node::Rule(table, _)
            | Node::Trigger(table, _)
            | Node::Policy(table, _) => Some(table),
            Node::Schema(_)
            | Node::Extension(_)
            | Node::Wrapper(_)
            | Node::Server(_)
            | Node::Generic(..)
            | Node::Late(..)
            | Node::Shell(_)
            | Node::Type(_)
            | Node::DomainCheck(..)
            | Node::Function(..)
            | Node::Sequence(_)
            | Node::OwnedBy(_)
            | Node::Statistics(_)
            | Node::Publication(_)
            | Node::Published(..)
            | Node::Other(..)
            | Node::DefaultGrant(_)
            | Node::EventTrigger(_) => None,
        }
    }
}
