//! The connection that holds the migration lock.

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
