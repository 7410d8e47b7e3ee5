use super::change::PlannedChange;
use crate::catalog::Oid;
use crate::error::Place;

/// What is to be done: a change, or a table that is made as the catalog has it by then.
#[derive(Clone)]
pub(crate) enum PendingWork {
    Change(PlannedChange),
    Table { oid: Oid, fact: &'static str, place: Place },
}
