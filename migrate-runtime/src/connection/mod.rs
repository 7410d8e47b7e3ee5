//! How a connection is opened: hosts tried in turn, TLS, pools, and the wait for a server that starts.

pub(crate) mod announced_pid;
pub(crate) mod backoff;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod connection;
mod connector;
mod explain;
pub(crate) mod failure;
#[cfg(feature = "deadpool")]
mod foreign_pool;
pub(crate) mod link;
pub(crate) mod notice_stream;
#[cfg(feature = "deadpool")]
pub(crate) mod pool;
#[cfg(feature = "deadpool")]
mod refusal;
pub(crate) mod rows;
pub(crate) mod server_wait;
pub(crate) mod session_state;
pub(crate) mod source;
mod tls;
