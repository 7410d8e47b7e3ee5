//! The catalog as the last run left it.

pub(crate) mod catalog_snapshot;
