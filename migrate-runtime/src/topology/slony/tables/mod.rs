//! The replicated tables.

mod add_to_set;
pub(crate) mod columns;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod tables;
