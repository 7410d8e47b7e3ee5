//! The differences between two catalogs, by name: object numbers, gaps in the numbers of columns and the rows of tables make
//! no difference.
//!
//! `comparison.rs` calls one function for each kind of object, then puts the fixes into an order in which they run. Each kind
//! has a file; `access.rs` compares owners, privileges and comments for all of them. `dependency_order.rs` sorts objects so
//! that each comes after what it needs. `difference.rs` is the result, and `lines.rs` shows texts of several lines.

mod access;
mod column;
mod comparison;
mod dependency_order;
mod difference;
mod function;
mod lines;
mod outside;
mod schema;
mod sequence;
mod table;
mod table_parts;
mod types;

pub use comparison::compare;
pub use difference::{CatalogObject, Difference, DifferenceKind};
