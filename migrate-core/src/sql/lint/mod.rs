//! The lint: it finds statements of a patch that keep others from working with a table, and says how to do it safely.
//!
//! A `lint.rs` is one patch and the levels of the rules (`rule.rs`). `walk.rs` goes through its statements and asks `rules/`,
//! which return a `hazard.rs` each; `grouping.rs` joins many of one kind. `patch_state.rs` is what is known when a statement
//! begins, of this patch and of earlier ones, with tables and domains in `known_schema.rs`, names in `object_name.rs` and types
//! in `column_type.rs`. `rewritten_table.rs` lists the tables that a patch rewrites.
//!
//! The lint reads texts and knows no catalog: a table that the patch did not create is assumed to be large and in use.

mod column_type;
mod grouping;
mod hazard;
mod known_schema;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod lint;
mod object_name;
mod patch_state;
mod rewritten_table;
mod rule;
mod rules;
#[cfg(test)]
mod tests;
mod walk;

pub(crate) use grouping::{GroupedHazards, group_hazards};
pub(crate) use lint::{Lint, LintResult};
pub use rewritten_table::RewrittenTable;
pub use rule::{LintLevel, LintRule};
