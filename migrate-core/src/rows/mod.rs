//! The rows of data facts: checked against the catalog, and the statements that make them true.
//!
//! No input or output: when and what is sent is up to the runtime. The rows of a fact become a [`RowBatch`], column by
//! column (`columns/`), with values converted to texts that the server reads exactly (`values/`). The statements in
//! `sql/` take some of those columns as arrays, so a fact costs a constant number of round trips, however many rows it
//! has. `statement_groups.rs` divides the rows among statements, `link_resolution.rs` finds the rows that links name,
//! and `row_difference.rs` and `server_detail.rs` say what is wrong with which row.

mod columns;
mod link_resolution;
mod problems;
mod row_batch;
mod row_difference;
mod server_detail;
mod sql;
mod statement_groups;
mod values;

pub use columns::{DataColumn, TableField};
pub use problems::{Problems, more};
pub use row_batch::RowBatch;
pub use row_difference::RowDifference;
pub use sql::{
    ArrayParameter, RowStatement, WireType, clear, compare, copy, copy_row, delete, find, insert, resolve,
    stored, update,
};
pub use statement_groups::CopyGroup;
pub(crate) use values::{ColumnType, Equality, TypeName};
pub use values::{GivenValue, days, shown};
