use super::namespace::Oid;

/// A trigger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trigger {
    /// The function that it calls.
    pub function: Oid,
    /// Its definition, as `pg_get_triggerdef` prints it.
    pub definition: String,
    /// `tgenabled`: `O` for origin, the default, `D` disabled, `R` replica, `A` always.
    pub enabled: char,
    /// Whether it is the copy, in a partition, of a partitioned table's trigger.
    pub inherited: bool,
    /// Its comment.
    pub comment: Option<String>,
}
