//! A difference between two catalogs: `difference.rs` is the value, `lines.rs` shows texts of several lines;
//! `pairs.rs` pairs what both catalogs have under one key; `expression.rs` knows what the server prints in other words once a
//! schema was dumped and restored.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod difference;
mod expression;
mod lines;
mod pairs;

pub use difference::{CatalogObject, Difference, DifferenceKind};
pub(super) use expression::is_same;
pub(super) use pairs::pairs;
