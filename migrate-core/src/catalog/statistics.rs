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
    /// Its definition, as `pg_get_statisticsobjdef` prints it.
    pub definition: String,
    /// Its statistics target, if one was set.
    pub target: Option<i16>,
    /// Its comment.
    pub comment: Option<String>,
}
