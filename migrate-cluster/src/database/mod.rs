//! The databases of a cluster, and each verb on one of them.
//!
//! `database.rs` is the handle, with the short verbs; `entry.rs` is what the cluster lists. To create a database, `options.rs`
//! are turned into SQL, and `make.rs` keeps the database closed until it is complete. `clone.rs` copies one with its
//! `properties.rs` (whose settings are written by `parameter.rs`), by the faster `strategy.rs`. `overwrite.rs` puts a copy in
//! the place of another database, and `rename.rs` gives it another name.

pub(crate) mod clone;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod database;
pub(crate) mod entry;
pub(crate) mod make;
pub(crate) mod options;
pub(crate) mod overwrite;
pub(crate) mod parameter;
pub(crate) mod properties;
pub(crate) mod rename;
pub(crate) mod strategy;
