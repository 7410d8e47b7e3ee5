use super::change::PlannedChange;
use crate::catalog::Oid;
use crate::error::Place;

/// Pending work: a change, or a table that will be created as the catalog has it at that time.
#[derive(Clone)]
pub(crate) enum PendingWork {
    Change(PlannedChange),
    Table { oid: Oid, fact: &'static str, place: Place },
}
