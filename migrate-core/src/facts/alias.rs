use super::TableName;

/// A calculated field of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The table.
    pub of: TableName,
    /// Its label.
    pub label: String,
    /// Its parameters, without their `$`.
    pub parameters: Vec<String>,
    /// An expression in RexDB's language: kept in the table's comment, and no object in the database.
    pub expression: Option<String>,
    /// An SQL expression over the table's columns: a function of the row.
    pub sql: Option<String>,
    /// Whether it is to be there at all.
    pub present: bool,
}
