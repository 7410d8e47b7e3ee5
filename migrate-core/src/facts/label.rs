/// The label of a table, with its schema where the fact names one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The schema; the bundle's own, or else `public`, where the fact names none.
    pub schema: Option<String>,
    /// The label, from which the table's name is made.
    pub label: String,
}
