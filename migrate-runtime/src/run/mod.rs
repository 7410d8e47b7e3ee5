//! A run: what it works with, and how it gets the lock.
//!
//! `lookup.rs` reads the records before the lock. `context.rs` takes the lock or waits for it, with a `lock_outcome.rs`; `run.rs`
//! is the state of a run that holds it.

pub(crate) mod context;
pub(crate) mod lock_outcome;
pub(crate) mod lookup;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod run;
pub(crate) mod taken_backup;
