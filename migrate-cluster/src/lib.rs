//! Clusters, the databases and users behind one server; and servers of our own, kept ones and throwaway ones.
//!
//! A [`Cluster`] is reached by a URL, and has each verb on one noun: on a [`Database`], or on a [`User`].
//!
//! An [`Installation`] is the programs, an [`Instance`] a server that keeps its cluster in a directory, a
//! [`Throwaway`] one for tests, a [`Profile`] how either is run. A server never outlives its owner, however that
//! ends: a shell that holds the other end of a pipe stops it. A [`Shared`] one has no owner: it ends with the last
//! process that uses it, and gives each test a copy of a database that a [`Recipe`] filled once. Nothing here reads the
//! environment or prints.
//!
//! As root, which PostgreSQL refuses to run as, the programs run as `postgres`, or as `nobody`.

mod account;
mod address;
mod cache;
mod clones;
mod cluster;
mod database;
mod door;
mod file;
mod guard;
mod hosts;
mod image;
mod images;
mod initdb;
mod installation;
mod instance;
mod log;
mod name;
mod orphan;
mod pace;
mod pid_file;
mod profile;
mod reaper;
mod recipe;
mod refusal;
mod scratch;
mod segment;
mod server;
mod sessions;
mod shared;
mod site;
mod socket;
mod standby;
mod state;
mod template;
mod throwaway;
mod user;
mod usual;

pub use cluster::Cluster;
pub use database::{Database, DatabaseEntry, DatabaseOptions};
pub use hosts::Host;
pub use installation::Installation;
pub use instance::Instance;
pub use migrate_core::{Error, ErrorKind, Result};
#[cfg(feature = "facts")]
pub use migrate_runtime::Driver;
pub use migrate_runtime::{Link, Settings};
pub use profile::Profile;
pub use recipe::Recipe;
pub use shared::Shared;
pub use throwaway::Throwaway;
pub use user::{User, UserEntry, UserOptions};
