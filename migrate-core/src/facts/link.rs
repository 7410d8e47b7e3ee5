use super::{TableName, Value};

/// A column `LABEL_id` exists, with a foreign key to another table's `id`.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// The table that it belongs to.
    pub of: TableName,
    /// Its label, from which the column's name is made.
    pub label: String,
    /// The table that it points to.
    pub to: TableName,
    /// Former labels.
    pub was: Vec<String>,
    /// The identity of the row that it points to where none is given.
    pub default: Option<Value>,
    /// Whether it is NOT NULL.
    pub required: bool,
    /// Whether at most one row points to each.
    pub unique: bool,
    /// Its title, kept in its comment.
    pub title: Option<String>,
    /// The columns and links that it comes after; inside `with`, all earlier ones as well.
    pub after: Vec<String>,
    /// What happens when the target is deleted; `None`: SET DEFAULT, or CASCADE while it is part of the identity.
    pub on_delete: Option<OnDelete>,
    /// Whether it is to be there at all.
    pub present: bool,
    /// Whether dropping values is meant.
    pub irreversible: bool,
}

/// What a foreign key does when the row that it points to is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The row goes too.
    Cascade,
    /// The deletion fails at once.
    Restrict,
    /// The deletion fails at the end of the statement.
    NoAction,
    /// The link becomes NULL.
    SetNull,
    /// The link gets its default.
    SetDefault,
}
