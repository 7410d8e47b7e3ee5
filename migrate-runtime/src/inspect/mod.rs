//! Reads what a database contains: one message, one round trip, however much there is.
//!
//! Each kind of object has its query, `KIND.sql`, and its reader, `KIND.rs`. The queries are kept simple, because on a
//! new connection planning costs as much as reading: they carry numbers, and the [`Assembly`] resolves them.

mod assembly;
mod behavior;
mod cells;
mod database;
mod datatypes;
pub(crate) mod ddl;
mod digest;
pub(crate) mod inspection;
pub(crate) mod kept;
mod kinds;
mod patience;
mod print;
mod references;
mod relations;
pub(crate) mod scope;
pub(crate) mod script;
pub(crate) mod template;
