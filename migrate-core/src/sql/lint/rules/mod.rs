//! The rules of the lint, a file for each thing that a statement may change.
//!
//! `alter_table.rs` asks the rules about one action of an `ALTER TABLE`: `column.rs`, `constraint.rs` and `partition.rs`.
//! The others look at whole statements: `index.rs`, `rewrite.rs` (tables and indexes that are rewritten), `data.rs` (rows and
//! locks), `enums.rs` and `session.rs`.

pub(super) mod alter_table;
pub(super) mod column;
mod constraint;
pub(super) mod data;
pub(super) mod enums;
pub(super) mod index;
pub(super) mod partition;
pub(super) mod rewrite;
pub(super) mod session;
