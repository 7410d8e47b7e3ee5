//! Opens connections, by settings or from a pool.
//!
//! A run gets connections from a `source.rs`. `connection.rs` is one of them; `link.rs` is a connection outside any pool,
//! `pool.rs` makes a pool of settings, and `foreign_pool.rs` reads where an application's pool leads. `pooler.rs` finds out whether a
//! pooler is between us and the server. `connector.rs` tries hosts and addresses in order, `session_state.rs` checks
//! `target_session_attrs`, `tls/` encrypts. `failure.rs` collects what failed, `explain.rs` makes an error of it, and `refusal.rs`
//! hands that error to a pool. `server_wait.rs` waits for a server that starts, with the pauses of `backoff.rs`;
//! `waiting_commit.rs` is a commit that waits for a synchronous standby;
//! `notice_stream.rs` passes notices on, `rows.rs` reads rows of an answer, `statement_timeout.rs` lifts the limit for a message.

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
#[cfg(feature = "facts")]
pub(crate) mod statement_timeout;
mod tls;
pub(crate) mod waiting_commit;
