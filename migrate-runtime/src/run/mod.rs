//! A run: what it works with, and how it gets the lock.
//!
//! `context.rs` is what a session is opened with. `lookup.rs` reads the records before the lock. `lock_wait.rs` takes the lock or
//! waits for it, and gives a `lock_outcome.rs`. `run.rs` is the state of a run that holds the lock, with its `taken_backup.rs`.

pub(crate) mod context;
pub(crate) mod lock_outcome;
mod lock_wait;
pub(crate) mod lookup;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod run;
pub(crate) mod taken_backup;
