//! The history: tables in a schema of their own that say what a database has.
//!
//! `tables/` creates them, `schema.rs` names their schema. A boot first reads the `records/`, one row for each bundle; `guard.rs`
//! checks in the same message that a trusted role owns the tables, and `ask.rs` sends both. `read.rs` reads the whole history, `log.rs`
//! also who wrote each row and when, and `history_check.rs` compares it with the records; `missing_table.rs` is the error if a table is gone. `statement_row.rs` is a statement
//! of a concurrent patch, `others/` finds histories under other names or of other tools, `snapshot/` stores the catalog for
//! `drift`, and `row.rs` reads cells.

pub(crate) mod ask;
pub(crate) mod guard;
pub(crate) mod history_check;
pub(crate) mod log;
pub(crate) mod missing_table;
pub(crate) mod others;
pub(crate) mod read;
pub(crate) mod records;
pub(crate) mod row;
pub(crate) mod schema;
#[cfg(feature = "facts")]
pub(crate) mod snapshot;
pub(crate) mod statement_row;
pub(crate) mod tables;
