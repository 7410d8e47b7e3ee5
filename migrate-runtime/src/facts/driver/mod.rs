//! Deploys facts and SQL for a program.
//!
//! `driver.rs` has the calls, `transaction.rs` begins and ends transactions, `open_transaction.rs` is one that has begun.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod driver;
pub(crate) mod open_transaction;
mod transaction;
