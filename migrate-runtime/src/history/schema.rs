use embed_migrate_core::{Version, quote};

/// The schema of the history's tables, quoted for SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HistorySchema {
    pub(crate) name: String,
    /// The name in double quotes.
    pub(crate) quoted: String,
}

impl HistorySchema {
    pub(crate) fn new(name: &str) -> HistorySchema {
        HistorySchema { name: name.to_owned(), quoted: quote::identifier(name) }
    }

    pub(crate) fn fill(&self, sql: &str) -> String {
        sql.replace("{schema}", &self.quoted)
    }
}

/// A version as the tables hold it.
pub(crate) fn array(version: Version) -> String {
    let [major, minor, point] = version.parts();
    format!("ARRAY[{major},{minor},{point}]")
}
