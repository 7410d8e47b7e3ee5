//! The differences between two catalogs, by name: object numbers, gaps in the numbers of columns and the rows of tables make
//! no difference.
//!
//! `compare.rs` calls one function for each kind of object, then gives each difference the SQL that takes it back.
//! `comparison.rs` collects the differences; each kind of object has a file.

mod column;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod compare;
mod comparison;
mod function;
mod generic;
mod outside;
mod schema;
mod sequence;
mod table;
mod table_parts;
mod types;

pub use compare::compare;
