use super::namespace::Oid;

/// An object, or a part of an object, that another may need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectPart {
    /// A type.
    Type(Oid),
    /// A function, procedure or aggregate.
    Function(Oid),
    /// An object that the catalog keeps by kind and name: a foreign data wrapper, a server, or a generic object.
    Named(String, String),
    /// A sequence.
    Sequence(Oid),
    /// A table, view or other relation with columns.
    Table(Oid),
    /// A column.
    Column(Oid, i16),
    /// A column's default or generation expression.
    Default(Oid, i16),
    /// A constraint of a table.
    Constraint(Oid, String),
    /// An index of a table.
    Index(Oid, String),
    /// A rewrite rule of a table.
    Rule(Oid, String),
    /// A row security policy of a table.
    Policy(Oid, String),
    /// A trigger of a table.
    Trigger(Oid, String),
    /// Extended statistics.
    Statistics(Oid),
    /// A constraint of a domain.
    DomainCheck(Oid, String),
}

impl ObjectPart {
    /// The table that it is or belongs to.
    pub fn table(&self) -> Option<Oid> {
        match self {
            ObjectPart::Type(_)
            | ObjectPart::Function(_)
            | ObjectPart::Named(..)
            | ObjectPart::Sequence(_)
            | ObjectPart::Statistics(_)
            | ObjectPart::DomainCheck(..) => None,
            ObjectPart::Table(oid) | ObjectPart::Column(oid, _) | ObjectPart::Default(oid, _) => Some(*oid),
            ObjectPart::Constraint(oid, _)
            | ObjectPart::Index(oid, _)
            | ObjectPart::Rule(oid, _)
            | ObjectPart::Policy(oid, _)
            | ObjectPart::Trigger(oid, _) => Some(*oid),
        }
    }
}
