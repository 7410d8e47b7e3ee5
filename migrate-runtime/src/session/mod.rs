//! The connection that holds the migration lock.
//!
//! `opening.rs` makes a `session.rs` of a connection: settings, lock and a look at the server in one round trip (`server.rs`,
//! `lock.rs`). `keepalive.rs` keeps it alive, `reset.rs` restores it after a patch. `watch.rs` observes the server's process
//! (`server_process.rs`) over a second connection while an answer is slow, and reports the processes in its way
//! (`lock_holders.rs`). `synchronous_standby.rs` waits, on another connection, until a synchronous standby has the commits.

mod keepalive;
pub(crate) mod lock;
pub(crate) mod lock_holders;
pub(crate) mod opening;
pub(crate) mod reset;
pub(crate) mod server;
pub(crate) mod server_process;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod session;
pub(crate) mod synchronous_standby;
pub(crate) mod watch;
