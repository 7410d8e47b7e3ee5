//! A run: what it works with, and how it gets the lock.

pub(crate) mod context;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod run;
