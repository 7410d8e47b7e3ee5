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

impl Part {
    /// The table that it is or belongs to.
    pub fn table(&self) -> Option<Oid> {
        match self {
            Part::Type(_) | Part::Function(_) | Part::Sequence(_) => None,
            Part::Table(oid) | Part::Column(oid, _) | Part::Default(oid, _) => Some(*oid),
            Part::Constraint(oid, _) | Part::Index(oid, _) | Part::Rule(oid, _) | Part::Policy(oid, _) => {
                Some(*oid)
            }
        }
    }
}
