use super::TableName;

/// The table in whose `with` a fact stands, and the columns and links that stand before it there.
#[derive(Debug)]
pub(super) struct Within {
    /// Without a label where that can't be read: then nothing is said about the table of a fact.
    pub(super) table: TableName,
    pub(super) before: Vec<String>,
}
