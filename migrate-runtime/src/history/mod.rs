//! The history's tables: what creates them, what reads them, and what a boot asks of them first.

pub(crate) mod ask;
pub(crate) mod guard;
pub(crate) mod history_check;
pub(crate) mod missing;
pub(crate) mod others;
pub(crate) mod read;
pub(crate) mod records;
pub(crate) mod row;
pub(crate) mod schema;
#[cfg(feature = "facts")]
pub(crate) mod snapshot;
pub(crate) mod statement_row;
pub(crate) mod tables;
