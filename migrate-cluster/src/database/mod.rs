//! The databases of a cluster, and each verb on one of them.

mod clone;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod database;
mod entry;
mod make;
mod options;
mod overwrite;
mod parameter;
mod properties;
mod rename;
mod strategy;

pub use database::Database;
pub use entry::DatabaseEntry;
pub(crate) use entry::list;
pub use options::DatabaseOptions;
