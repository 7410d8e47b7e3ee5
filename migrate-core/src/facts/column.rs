use super::{TableName, Type, Value};

/// The column exists with this type, nullability, default and uniqueness.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The table that it belongs to.
    pub of: TableName,
    /// Its label, from which its name is made.
    pub label: String,
    /// Its type; only a column that is not to be there may leave it out.
    pub kind: Option<Type>,
    /// The value that a row gets which gives none.
    pub default: Option<Default>,
    /// Former labels.
    pub was: Vec<String>,
    /// Whether it is NOT NULL.
    pub required: bool,
    /// Whether its values are unique.
    pub unique: bool,
    /// Its title, kept in its comment.
    pub title: Option<String>,
    /// The columns and links that it comes after; inside `with`, all earlier ones as well.
    pub after: Vec<String>,
    /// Whether it is to be there at all.
    pub present: bool,
    /// Whether dropping values is meant.
    pub irreversible: bool,
}

/// A column's default.
#[derive(Debug, Clone, PartialEq)]
pub enum Default {
    /// A value of the column's type.
    Value(Value),
    /// `today()`: the date of the transaction.
    Today,
    /// `now()`: the time of the transaction.
    Now,
    /// `{sql: EXPR}`: any expression.
    Sql(String),
}
