//! An embedded migration runtime for PostgreSQL.

pub use migrate_core::{Accept, Bundle, Checksum, Error, ErrorKind, Kind, MinApp, Patch, Place, Result, Timeout, Version};
pub use migrate_macros::embed_migrations;
pub use migrate_runtime::{Done, Event, Holder, Migrator, Report, Settings, Source, SslMode, Stand};
