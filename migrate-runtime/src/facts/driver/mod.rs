//! The driver: facts deployed by a program.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod driver;
pub(crate) mod open_transaction;
mod transaction;
