//! The replicated tables: which there are, those that patches make or drop, and their columns.

mod add_to_set;
pub(crate) mod columns;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod tables;
