//! An embedded migration runtime for PostgreSQL: a service's binary carries its own database.
//!
//! YAML *facts* (what is true of the schema) and SQL *patches* (what to do once, in order) are embedded and checked when
//! the service is compiled; at boot [`Migrator`] brings the database to this state under a lock, or proves with one round trip
//! that it is there already.
//!
//! ```no_run
//! use embed_migrate::{Bundle, Migrator, Settings, embed_migrations};
//!
//! static MIGRATIONS: Bundle = embed_migrations!("../migrations");
//!
//! # async fn boot() -> embed_migrate::Result<()> {
//! let settings = Settings::parse("postgresql:///registry", &|name| std::env::var(name).ok())?;
//! let pool = settings.pool(8)?;
//! let report = Migrator::new([&MIGRATIONS]).run(&pool).await?;
//! println!("{report}");
//! # Ok(())
//! # }
//! ```
//!
//! `migrations/deploy.yaml` begins the facts. They may also be deployed one by one, from text, by a [`Driver`]:
//!
//! ```no_run
//! # async fn deploy(settings: &embed_migrate::Settings) -> embed_migrate::Result<()> {
//! use embed_migrate::Driver;
//!
//! let mut driver = Driver::connect(settings).await?;
//! let deployed = driver
//!     .deploy(
//!         "
//! table: study
//! with:
//! - column: code
//!   type: text
//! - identity: [code]
//! ",
//!     )
//!     .await?;
//! println!("{deployed}");
//! driver.commit().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Features: `tls` (default) encrypts connections by rustls. `deadpool` (default) runs on a service's pool, and has
//! `Settings::pool`; without it a run connects by itself, from `Settings`. `facts` deploys and verifies facts, at
//! boot and by a [`Driver`]; a bundle that has some asks for it. None of the others is needed by a boot: `dir` makes
//! a bundle of a directory that `include_dir!` embedded, `cli` has the command type that an application mounts,
//! `cluster` administers databases and users, finds PostgreSQL and runs instances of it, and has `#[embed_migrate::test]`,
//! which gives each test a migrated database of its own; together with `facts` it has `testing::prove`, which shows in a
//! service's test suite that its bundles work.
#![cfg_attr(docsrs, feature(doc_cfg))]

/// Whether facts can be deployed; `embed_migrations!()` requires it if a bundle has facts.
#[doc(hidden)]
pub const FACTS: bool = cfg!(feature = "facts");

#[doc(hidden)]
pub use embed_migrate_core::{CreateTree, FactsRevision, macro_support};
#[doc(hidden)]
pub mod macros {
    //! What this library's own macros call.
    pub use embed_migrate_macros::embed_migrations;
}
pub use embed_migrate_core::{
    Accept, Bundle, BundleHead, BundlePosition, Checksum, Error, ErrorKind, Kind, Limit, MinApp, Patch,
    PatchList, Place, Plan, Reach, Result, RunOptions, Step, Timeout, Version, build,
};
pub use embed_migrate_runtime::{
    DryRun, Event, FactsStatus, IntoSource, Migrator, PatchState, PatchStatus, Report, Settings, Status,
    Topology,
};
#[doc(hidden)]
pub use embed_migrate_runtime::{
    FactsState, LockHolder, Node, Notice, PendingPatch, Repair, Source, SslMode,
};

#[cfg(feature = "deadpool")]
pub use embed_migrate_runtime::pool_error;

#[cfg(feature = "facts")]
pub use embed_migrate_core::{
    CatalogObject, ChangeAction, ChangeHazard, Difference, DifferenceKind, Fact, PlannedChange,
};
#[cfg(feature = "facts")]
#[doc(hidden)]
pub use embed_migrate_runtime::SnapshotOrigin;
#[cfg(feature = "facts")]
pub use embed_migrate_runtime::{DeployReport, Drift, Driver, IntoFacts};

#[cfg(feature = "cli")]
pub use embed_migrate_cli as cli;
#[cfg(feature = "cluster")]
pub use embed_migrate_cluster as cluster;
#[cfg(feature = "cluster")]
pub use embed_migrate_macros::test;
#[cfg(feature = "cluster")]
pub mod testing;

/// Embeds the bundle in a directory, `migrations` beside the crate's manifest unless another is named.
///
/// ```
/// static MIGRATIONS: embed_migrate::Bundle = embed_migrate::embed_migrations!("../migrations");
///
/// assert_eq!(MIGRATIONS.patches()[0].version(), embed_migrate::Version::new(1, 0, 0));
/// ```
///
/// It belongs in a `static`: the bundle is put together on first use, and kept there. A `const` would put it together again
/// at each use.
///
/// Each problem of the directory is a compile error at the call, with the place in the SQL and what to do. A draft (a patch
/// that `migrations.lock` does not have yet) is a warning if `debug_assertions` are on, and otherwise an error.
///
/// Changed and removed files, and a changed lock file, are noticed by cargo. For files added by hand,
/// `embed_migrate_core::build::watch("migrations")` belongs in `build.rs`.
#[macro_export]
macro_rules! embed_migrations {
    ($($directory:tt)*) => {
        $crate::macros::embed_migrations!($crate $($directory)*)
    };
}
