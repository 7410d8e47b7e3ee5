use super::{TableName, Text};

/// A view exists and says this.
#[derive(Debug, Clone, PartialEq)]
pub struct View {
    /// Its name, as it is.
    pub view: TableName,
    /// Its query; only a view that is not to be there may leave it out.
    pub query: Option<Text>,
    /// Whether its rows are stored.
    pub materialized: bool,
    /// Whether it is to be there at all.
    pub present: bool,
}
