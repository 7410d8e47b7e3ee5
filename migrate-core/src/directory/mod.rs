//! A bundle's directory: how it is read and checked, and how a program notices that it changed.
//!
//! `source_directory.rs` reads all files. `load.rs` makes a bundle of them: `manifest.rs` reads `bundle.yaml`, `lock_file.rs` reads
//! `migrations.lock`, `patch_files.rs` reads patches, whose names `file_name.rs` understands and `version_rules.rs` compares with each
//! other, `fact_files.rs` reads facts and `create.rs` the create tree; `declared_schema.rs` reads a schema in plain SQL. `findings.rs` reports what the lint found and did not
//! refuse. `stale_binary.rs` compares a program with the directory that it was built from.

#[cfg(feature = "parse")]
mod create;
#[cfg(feature = "parse")]
mod declared_schema;
#[cfg(feature = "parse")]
mod fact_files;
#[cfg(feature = "parse")]
mod file_name;
#[cfg(feature = "parse")]
mod findings;
#[cfg(feature = "parse")]
mod load;
#[cfg(feature = "parse")]
mod lock_file;
#[cfg(feature = "parse")]
mod manifest;
#[cfg(feature = "parse")]
mod patch_files;
#[cfg(feature = "parse")]
mod problems;
#[cfg(feature = "parse")]
mod source_directory;
#[cfg(feature = "parse")]
mod sql_files;
mod stale_binary;
#[cfg(feature = "parse")]
mod version_rules;

#[cfg(feature = "parse")]
pub use file_name::{FileName, Scheme};
#[cfg(all(feature = "parse", feature = "facts"))]
pub(crate) use findings::lint_settings;
#[cfg(feature = "parse")]
pub use findings::{Finding, Findings};
#[cfg(feature = "parse")]
pub use lock_file::{LockEntry, LockFile, LockedPatch};
#[cfg(feature = "parse")]
pub use manifest::{NAME_FORM, is_bundle_name};
