//! A cluster: the databases and users behind one server, reached by a URL.
//!
//! `cluster.rs` connects to a database that the work is not about. `sessions.rs` lists and ends the sessions that block it,
//! `name.rs` checks names. Two things are read before a change: `running_backup.rs` refuses it while a backup is taken, and
//! `settings_check.rs` if the server can't read its files. `listen_addresses.rs` finds the addresses of the server,
//! `host_rules.rs` which hosts its users may connect from, and `host_change.rs` changes that.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod cluster;
pub(crate) mod host_change;
pub(crate) mod host_rules;
pub(crate) mod listen_addresses;
pub(crate) mod name;
pub(crate) mod running_backup;
pub(crate) mod sessions;
pub(crate) mod settings_check;
