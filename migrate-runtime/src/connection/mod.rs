//! Opens connections, by settings or from a pool.
//!
//! `source.rs` is where a run gets connections from, and `connection.rs` one of them. `connector.rs` tries hosts and addresses in
//! turn, `session_state.rs` checks `target_session_attrs`, `tls/` encrypts. `failure.rs` collects what failed, and `explain.rs`
//! makes an error of it. `server_wait.rs` waits for a server that starts; `notice_stream.rs` passes notices on.

#![cfg_attr(not(feature = "tls"), allow(clippy::clone_on_copy, reason = "the stand-in for TLS is `Copy`"))]

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
pub(crate) mod pooler;
#[cfg(feature = "deadpool")]
mod refusal;
pub(crate) mod rows;
pub(crate) mod server_wait;
pub(crate) mod session_state;
pub(crate) mod source;
mod tls;
