use super::TableName;

/// An index exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name, as it is.
    pub index: String,
    /// Its table or materialized view.
    pub of: TableName,
    /// Labels of columns and links, or expressions, each with what may follow: `title text_pattern_ops`, `code DESC`.
    pub on: Vec<String>,
    /// The access method; btree where the fact names none.
    pub using: Option<String>,
    /// The rows that it covers.
    pub filter: Option<String>,
    /// Whether its keys are unique.
    pub unique: bool,
    /// Columns that are stored in it and are no keys.
    pub include: Vec<String>,
    /// Storage parameters, as names and values.
    pub with: Vec<(String, String)>,
    /// Former names.
    pub was: Vec<String>,
    /// Whether it is to be there at all.
    pub present: bool,
}
