//! A run: what it works with, and how it gets the lock.

pub(crate) mod context;
pub(crate) mod lock_outcome;
pub(crate) mod lookup;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod run;
pub(crate) mod taken_backup;
