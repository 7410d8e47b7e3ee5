use super::label::TableName;

/// The table whose `with` contains a fact, and the columns and links before the fact there.
#[derive(Debug)]
pub(crate) struct TableContext {
    /// Has no label if the label can't be read: then no problem is reported about the table of a fact.
    pub(crate) table: TableName,
    pub(crate) before: Vec<String>,
}
