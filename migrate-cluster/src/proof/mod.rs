//! Databases on a throwaway server in which patches and schemas are tried.
//!
//! `proof_server.rs` makes the databases: empty ones, copies, and filled ones; roles that a script names are made for it.
//! `sql_file.rs` runs a file of SQL, and names the line that fails. `patch_proof.rs` applies patches (`proof_patch.rs`), goes back and applies them again.

pub(crate) mod patch_proof;
pub(crate) mod proof_patch;
pub(crate) mod proof_server;
pub(crate) mod sql_file;
