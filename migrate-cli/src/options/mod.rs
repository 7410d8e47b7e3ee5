//! Arguments that several commands take, and the types that they are parsed into.
//!
//! `connect.rs` is for commands that work on a database by a migrator or a driver, `instances.rs` for those on instances,
//! and `database_choice.rs` for `dump` and `restore`, which take either. `target.rs` is a patch to stop at or to repair,
//! whose version is a `version_spec.rs`. `connection_url.rs` reads URLs, with libpq's variables. `password.rs` says where a password comes from, and `format.rs` whether results
//! are text or JSON.

pub(crate) mod connect;
pub(crate) mod connection_url;
pub(crate) mod database_choice;
pub(crate) mod format;
pub(crate) mod instances;
pub(crate) mod password;
pub(crate) mod target;
pub(crate) mod version_spec;
