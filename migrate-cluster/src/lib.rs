//! Finds PostgreSQL and runs instances of it: kept ones and throwaway ones.
//!
//! An [`Installation`] is the programs, an [`Instance`] a server that keeps its cluster in a directory, a
//! [`Throwaway`] one for tests, a [`Profile`] how either is run. A server never outlives its owner, however that
//! ends: a shell that holds the other end of a pipe stops it. Nothing here reads the environment or prints.
//!
//! As root, which PostgreSQL refuses to run as, the programs run as `postgres`, or as `nobody`.

mod account;
mod address;
mod database;
mod file;
mod guard;
mod initdb;
mod installation;
mod instance;
mod log;
mod orphan;
mod pace;
mod pid_file;
mod profile;
mod reaper;
mod scratch;
mod segment;
mod server;
mod site;
mod socket;
mod standby;
mod state;
mod throwaway;
mod usual;

pub use installation::Installation;
pub use instance::Instance;
pub use migrate_core::{Error, ErrorKind, Result};
pub use profile::Profile;
pub use throwaway::Throwaway;
