//! What happens around a run of `up` or `deploy`.
//!
//! Before it, `create_database.rs` creates a database that is missing, `pre_run.rs` takes the backup that was asked for,
//! and `disk_space.rs` checks that the instance's volume has space for tables that are rewritten. Both need to know which
//! instance a connection leads to: `same_server.rs` compares when servers were started. During it, `interrupt.rs` stops
//! the run on Ctrl-C or SIGTERM and says what was applied.

pub(crate) mod create_database;
pub(crate) mod disk_space;
pub(crate) mod interrupt;
pub(crate) mod pre_run;
mod same_server;
