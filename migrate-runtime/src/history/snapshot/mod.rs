//! The catalog as the last run left it, for [`Migrator::drift`](crate::Migrator::drift).

pub(crate) mod catalog_snapshot;
