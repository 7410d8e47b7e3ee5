//! The statements for a batch of rows. They name every function, operator and type with its schema, because they run with
//! the search path of the application, whose triggers and defaults may depend on it.
//!
//! `given_rows.rs` passes the rows as arrays; `change.rs`, `compare.rs`, `resolve.rs` and `copy.rs` are the statements around
//! them, and `statement.rs` is a statement with its parameters, in the types of `wire.rs`.

mod change;
mod compare;
mod copy;
mod given_rows;
mod resolve;
mod statement;
mod wire;

pub use change::{clear, delete, insert, update};
pub use compare::{compare, find, stored};
pub use copy::{copy, copy_row};
pub use resolve::resolve;
pub use statement::{ArrayParameter, RowStatement};
pub use wire::WireType;
