//! `pg_hba.conf`, the file that says which hosts users may connect from.
//!
//! `host.rs` is a host or a network. `block.rs` is our own part of the file as text. `hba_file.rs` reads the file, locks it and
//! replaces it.

pub(crate) mod block;
pub(crate) mod hba_file;
pub(crate) mod host;
