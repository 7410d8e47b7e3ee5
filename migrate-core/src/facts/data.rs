use super::{TableName, Value};

/// These rows exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    /// The table.
    pub of: TableName,
    /// The rows.
    pub rows: Rows,
    /// Whether they are to be there at all; if not, they give their identity only.
    pub present: bool,
}

/// The rows of a data fact. (How they are kept is to be settled.)
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// The file that they stand in.
    pub file: String,
    /// The fields that any row gives, in the order of their first appearance.
    pub fields: Vec<String>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// A value for each of the fields; `None` where the row doesn't give it.
    pub values: Vec<Option<Value>>,
}
