//! An embedded migration runtime for PostgreSQL.
//!
//! Features, none of which a boot needs: `dir` makes a bundle of a directory that `include_dir!` embedded,
//! `cli` has the command type that an application mounts, `cluster` finds PostgreSQL and runs instances of it.

#[doc(hidden)]
pub use migrate_core::embed;
pub use migrate_core::{
    Accept, Bundle, Checksum, Error, ErrorKind, Kind, MinApp, Patch, Place, Plan, Result, Standing, Step,
    Timeout, Version, build,
};
pub use migrate_macros::embed_migrations;
pub use migrate_runtime::{
    Done, DryRun, Event, Holder, Line, Migrator, Report, Settings, Source, SslMode, Stand, State, Status,
    pool_error,
};

#[cfg(feature = "cli")]
pub use migrate_cli as cli;
#[cfg(feature = "cluster")]
pub use migrate_cluster as cluster;
