use super::Oid;

/// An object, or a part of one, that another may need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A type.
    Type(Oid),
    /// A function, procedure or aggregate.
    Function(Oid),
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
}
