//! One database in a file: `dump.rs` writes it with `pg_dump`, `restore.rs` reads it with `pg_restore`.
//!
//! `client_program.rs` runs either of them without showing the password.

pub(crate) mod client_program;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod dump;
pub(crate) mod restore;
