//! How `cargo migrate diff` goes to work, and `drift` if it compares with what the bundles make (`from_scratch.rs`).
//!
//! `diff_bundle.rs` is the bundle that a patch is for. `schemas.rs` makes the two states on a throwaway server, or reads them from
//! databases; `live_database.rs` refuses one that the patches did not make. `lost_rows.rs` counts what would be lost.
//! `draft_files.rs` names and writes the files.

pub(crate) mod diff_bundle;
pub(crate) mod draft_files;
pub(crate) mod from_scratch;
pub(crate) mod live_database;
pub(crate) mod lost_rows;
pub(crate) mod schemas;
