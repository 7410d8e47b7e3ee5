use super::namespace::{Oid, QualifiedName};

/// Extended statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statistics {
    /// Its name.
    pub name: QualifiedName,
    /// The table.
    pub table: Oid,
    /// Who owns it.
    pub owner: String,
    /// The whole of it, as `pg_get_statisticsobjdef` prints it.
    pub definition: String,
    /// Its statistics target, where one was set.
    pub target: Option<i16>,
    /// Its comment.
    pub comment: Option<String>,
}
