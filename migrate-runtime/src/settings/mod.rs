//! How to reach a database: connection settings as libpq understands them, and the connections they open.

#![cfg_attr(not(feature = "tls"), allow(clippy::clone_on_copy, reason = "the stand-in for TLS is `Copy`"))]

mod connector;
mod endpoint;
mod explain;
mod failure;
mod foreign;
mod link;
mod pairs;
mod parameter;
mod parse;
mod passfile;
mod pool;
mod refusal;
mod service;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod settings;
mod sslmode;
mod target;
mod url;
mod values;
mod variables;

#[cfg(feature = "tls")]
mod certificate;
#[cfg(feature = "tls")]
mod tls;
#[cfg(feature = "tls")]
mod verifier;

#[cfg(not(feature = "tls"))]
#[path = "plain.rs"]
mod tls;

pub(crate) use failure::{is_passing, is_silent};
pub(crate) use foreign::pool_failure;
pub use link::{Canceller, Link};
pub(crate) use pool::opened;
pub use pool::pool_error;
pub use settings::Settings;
pub use sslmode::SslMode;
