//! Clusters, the databases and users behind one server; and servers of our own, kept ones and throwaway ones.
//!
//! A [`Cluster`] is reached by a URL, and has each verb on one noun: on a [`Database`], or on a [`User`].
//!
//! An [`Installation`] is the programs, an [`Instance`] a server that keeps its cluster in a directory, a
//! [`Throwaway`] one for tests, a [`Profile`] how either is run. A server never outlives its owner, however that
//! ends: a shell that holds the other end of a pipe stops it, unless it was told to let it be. That is how the
//! servers of [`Instances`] are left running, which have names, flavors, volumes and [`Backup`]s. A [`Shared`] one has
//! no owner: it ends with the last process that uses it, and gives each test a copy of a database that a [`Recipe`]
//! filled once. Nothing here reads the environment or prints.
//!
//! As root, which PostgreSQL refuses to run as, the programs run as `postgres`, or as `nobody`.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod account;
mod address;
mod backup;
mod backups;
mod building;
mod cache;
mod certificate;
mod clones;
mod cluster;
mod database;
mod door;
mod dump;
mod environment;
mod file;
mod flavor;
mod flock;
mod guard;
mod hosts;
mod image;
mod images;
mod initdb;
mod installation;
mod instance;
mod instance_name;
mod instances;
mod limits;
mod listen;
mod log;
mod memory;
mod name;
mod named;
mod new_backup;
mod new_instance;
mod orphan;
mod overridden;
mod pace;
mod pid_file;
mod port;
mod profile;
mod program;
mod progress;
mod reaper;
mod recipe;
mod record;
mod refusal;
mod resize;
mod restore;
mod restore_backup;
mod rewrite;
mod room;
mod scratch;
mod segment;
mod server;
mod server_conf;
mod sessions;
mod shared;
mod site;
mod socket;
mod standby;
mod state;
mod status;
mod take;
mod template;
mod terms;
mod throwaway;
mod user;
mod usual;

pub use backup::{Backup, BackupStatus};
pub use cluster::Cluster;
pub use database::{Database, DatabaseEntry, DatabaseOptions};
pub use dump::Dump;
pub use flavor::Flavor;
pub use hosts::{Host, Listening};
pub use installation::Installation;
pub use instance::Instance;
pub use instances::Instances;
pub use limits::Limits;
pub use listen::Listen;
pub use migrate_core::{Error, ErrorKind, Result};
#[cfg(feature = "facts")]
pub use migrate_runtime::Driver;
pub use migrate_runtime::{Link, Settings};
pub use named::Named;
pub use new_backup::NewBackup;
pub use new_instance::NewInstance;
pub use overridden::Overridden;
pub use profile::Profile;
pub use progress::Progress;
pub use recipe::Recipe;
pub use restore::Restore;
pub use rewrite::Rewrite;
pub use room::Room;
pub use shared::Shared;
pub use status::Status;
pub use throwaway::Throwaway;
pub use user::{User, UserEntry, UserOptions};
