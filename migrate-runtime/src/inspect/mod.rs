//! Reads what a database contains: one message, one round trip, however much there is.
//!
//! Each kind of object has its query, `KIND.sql`, and its reader, `KIND.rs`. The queries are kept simple, because on a
//! new connection planning costs as much as reading: they carry numbers, and the `CatalogBuilder` resolves them.

mod behavior;
mod catalog_builder;
mod catalog_queries;
mod database;
mod datatypes;
pub(crate) mod ddl;
mod definitions;
mod digest;
pub(crate) mod inspection;
mod objects;
mod references;
mod relations;
mod retry_limit;
mod row_cells;
pub(crate) mod scope;
pub(crate) mod script;
pub(crate) mod snapshot_text;
pub(crate) mod template;
