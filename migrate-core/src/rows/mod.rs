//! The rows of data facts: checked against the catalog, and the statements that make them true.
//!
//! Pure: what is sent where and when is the runtime's business. A fact's rows become columns of texts
//! ([`Batch`]); each statement takes some of those columns as arrays ([`Statement`]), so that a fact costs a
//! constant number of round trips, however many rows it has.

mod batch;
mod cells;
mod column;
mod convert;
mod difference;
mod field;
mod given;
mod identities;
mod json;
mod keys;
mod kind;
mod linking;
mod links;
mod moment;
mod number;
mod plan;
mod problems;
mod sql;
mod target;
mod told;
mod type_name;

pub use batch::Batch;
pub use column::Column;
pub use difference::Difference;
pub use field::Field;
pub use given::{Given, shown};
pub use moment::days;
pub use plan::Group;
pub use problems::{Problems, more};
pub use sql::{
    Parameter, Statement, Wire, clear, compare, copy, copy_row, delete, find, insert, resolve, stored, update,
};

pub(crate) use kind::{ColumnType, Equal};
pub(crate) use type_name::TypeName;
