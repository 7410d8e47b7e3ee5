use crate::query::query_error::QueryError;
use crate::report::lock_holder::LockHolder;

/// A message of a run that the server refused.
pub(crate) struct RefusedMessage {
    /// That of its step; the run's record comes after all steps.
    pub(crate) index: usize,
    pub(crate) error: QueryError,
    /// Who held the lock that it waited for.
    pub(crate) blockers: Vec<LockHolder>,
    /// How many statements of the message the server had completed.
    pub(crate) done: usize,
}
