//! Backups of instances.
//!
//! `create.rs` begins one, from a `new_backup.rs`: a shell (`create.sh`) continues in the background, and another one
//! (`watch.sh`) clears up if the first is killed. `backup.rs` reads the directory of one, `list.rs` finds and rotates them,
//! `progress.rs` follows one until it has ended. `restore.rs` makes a new instance from one (`restore.sh`). `cleanup.rs`
//! removes what killed processes left.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod backup;
pub(crate) mod cleanup;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod new_backup;
pub(crate) mod progress;
pub(crate) mod restore;
