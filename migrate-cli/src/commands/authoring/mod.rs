//! The commands on a bundle's directory.
//!
//! `new.rs` begins a patch by hand, `diff.rs` writes one that leads to what is declared, and `revision.rs` is both under the name that
//! Alembic gives it. `check.rs` lints a directory, and `lock.rs` writes its lock file.

pub(crate) mod check;
pub(crate) mod diff;
pub(crate) mod lock;
pub(crate) mod new;
pub(crate) mod revision;
