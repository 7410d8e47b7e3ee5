use super::label::TableName;

/// The table in whose `with` a fact stands, and the columns and links that stand before it there.
#[derive(Debug)]
pub(crate) struct TableContext {
    /// Without a label where that can't be read: then nothing is said about the table of a fact.
    pub(crate) table: TableName,
    pub(crate) before: Vec<String>,
}
