use super::TableName;

/// A CHECK constraint holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name, as it is.
    pub check: String,
    /// Its table.
    pub of: TableName,
    /// The expression; only a check that is not to be there may leave it out.
    pub that: Option<String>,
    /// Whether it is to be there at all.
    pub present: bool,
}
