//! Finds PostgreSQL and runs instances of it: kept ones and throwaway ones.
//!
//! An [`Installation`] is the programs. Nothing here reads the environment or prints.

mod installation;
mod usual;

pub use installation::Installation;
pub use migrate_core::{Error, ErrorKind, Result};
