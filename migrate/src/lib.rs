//! An embedded migration runtime for PostgreSQL.

#[doc(hidden)]
pub use migrate_core::embed;
pub use migrate_core::{
    Accept, Bundle, Checksum, Error, ErrorKind, Kind, MinApp, Patch, Place, Plan, Result, Standing, Step,
    Timeout, Version, build,
};
pub use migrate_macros::embed_migrations;
pub use migrate_runtime::{
    Done, DryRun, Event, Holder, Line, Migrator, Report, Settings, Source, SslMode, Stand, State, Status,
};
