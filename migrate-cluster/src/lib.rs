//! Databases and users of PostgreSQL clusters, and servers to run: kept ones and throwaway ones.
//!
//! A [`Cluster`] is reached by a URL. Its verbs are on a [`Database`] or on a [`User`].
//!
//! An [`Installation`] is the directory of PostgreSQL's programs. An [`Instance`] is a server that ends with its
//! process, a [`Throwaway`] is one for tests. A shell with a pipe to the process stops the server when the process
//! ends, for whatever reason. [`Instances`] have servers with names that keep running, and have [`Backup`]s. Nothing
//! here reads the environment or prints.
//!
//! PostgreSQL refuses to run as root. If this process is root, the programs run as `postgres`, or as `nobody`.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod backup;
mod cluster;
mod database;
mod dump;
mod image;
mod instance;
mod pg_hba;
mod program;
#[cfg(feature = "facts")]
mod proof;
mod server;
mod state;
mod system;
mod throwaway;
mod user;

pub use backup::backup::{Backup, BackupStatus};
pub use backup::new_backup::NewBackup;
pub use backup::progress::BackupProgress;
pub use cluster::cluster::Cluster;
pub use cluster::listen_addresses::ListenAddresses;
pub use database::database::Database;
pub use database::entry::DatabaseEntry;
pub use database::options::DatabaseOptions;
pub use dump::dump::Dump;
pub use dump::restore::Restore;
pub use instance::disk_space::DiskSpace;
pub use instance::flavor::Flavor;
pub use instance::ineffective_setting::IneffectiveSetting;
pub use instance::instance::Instance;
pub use instance::instances::Instances;
pub use instance::named_instance::NamedInstance;
pub use instance::new_instance::NewInstance;
pub use instance::status::InstanceStatus;
pub use instance::table_rewrite::TableRewrite;
pub use pg_hba::host::Host;
pub use program::installation::Installation;
#[cfg(feature = "facts")]
pub use proof::patch_proof::{PatchProof, ProofOutcome, WayBack};
#[cfg(feature = "facts")]
pub use proof::proof_patch::ProofPatch;
#[cfg(feature = "facts")]
pub use proof::proof_server::ProofServer;
#[cfg(feature = "facts")]
pub use proof::sql_file::run_sql_file;
pub use server::listen_address::ListenAddress;
pub use server::profile::Profile;
pub use state::limits::InstanceLimits;
pub use throwaway::database_content::DatabaseContent;
pub use throwaway::shared_server::SharedServer;
pub use throwaway::throwaway::Throwaway;
pub use user::entry::UserEntry;
pub use user::options::UserOptions;
pub use user::user::User;

// For programs that use this crate alone. The facade has them at its root.
#[doc(hidden)]
pub use embed_migrate_core::{Error, ErrorKind, Result};
#[cfg(feature = "facts")]
#[doc(hidden)]
pub use embed_migrate_runtime::Driver;
#[doc(hidden)]
pub use embed_migrate_runtime::{DirectConnection, Settings};
