//! How to reach a database: connection settings as libpq understands them.
//!
//! `parse.rs` reads a URL (`url.rs`) or pairs (`pairs.rs`), then a service file (`service.rs`) and variables, into `values.rs`, each
//! a known `parameter.rs`. `settings.rs` is the result; `passfile.rs` finds a password later, host by host.

pub(crate) mod endpoint;
pub(crate) mod origin;
mod pairs;
mod parameter;
mod parse;
pub(crate) mod passfile;
mod service;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod settings;
pub(crate) mod sslmode;
pub(crate) mod target;
mod url;
pub(crate) mod values;
mod variables;
