//! An embedded migration runtime for PostgreSQL.

#[doc(hidden)]
pub use migrate_core::embed;
pub use migrate_core::{
    Accept, Bundle, Checksum, Error, ErrorKind, Kind, MinApp, Patch, Place, Result, Timeout, Version,
};
pub use migrate_macros::embed_migrations;
