use super::namespace::{Oid, QualifiedName};

/// A sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequence {
    /// Its name.
    pub name: QualifiedName,
    /// Who owns it.
    pub owner: String,
    /// Its type: `bigint`, `integer` or `smallint`.
    pub kind: String,
    /// START, INCREMENT, MINVALUE, MAXVALUE, CACHE
    pub numbers: [i64; 5],
    /// Whether it cycles.
    pub cycle: bool,
    /// The table and column that it belongs to.
    pub owned_by: Option<(Oid, i16)>,
    /// Whether it belongs to an identity column.
    pub identity: bool,
    /// Whether it is UNLOGGED.
    pub unlogged: bool,
    /// Privileges as `aclitem` prints them, sorted; `None` if they were never changed.
    pub grants: Option<Vec<String>>,
    /// Its comment.
    pub comment: Option<String>,
}
