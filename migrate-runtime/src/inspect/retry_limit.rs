use embed_migrate_core::{Error, Result};
use tokio_postgres::error::SqlState;

use super::scope::Scope;
use crate::query::failure;

/// How often an inspection begins again because of what others do meanwhile.
pub(super) struct RetryLimit {
    vanished: usize,
    locked: usize,
}

/// An object that vanished is gone the next time; each try that waits for a lock takes a tenth of a second
/// and what was read until then.
const VANISHED: usize = 100;
const LOCKED: usize = 300;

impl RetryLimit {
    /// In a caller's transaction there is none: it is over with the first error.
    pub(super) fn new(scope: &Scope<'_>) -> RetryLimit {
        let again = |attempts| if scope.within { 0 } else { attempts };
        RetryLimit { vanished: again(VANISHED), locked: again(LOCKED) }
    }

    /// Whether to begin again.
    ///
    /// # Errors
    ///
    /// The error, where it is none of those that pass, or has come too often.
    pub(super) fn bear(&mut self, error: tokio_postgres::Error) -> Result<()> {
        let left = match error.code() {
            // The server looks up, while it prints an expression, objects that may be gone since the query began.
            Some(&SqlState::INTERNAL_ERROR | &SqlState::UNDEFINED_TABLE | &SqlState::UNDEFINED_OBJECT) => {
                &mut self.vanished
            }
            Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::T_R_DEADLOCK_DETECTED) => &mut self.locked,
            _ => return Err(own(error)),
        };
        *left = left.checked_sub(1).ok_or_else(|| own(error))?;
        Ok(())
    }
}

fn own(error: tokio_postgres::Error) -> Error {
    failure::own("reading the catalog", error)
}
