//! The commands, a file each.
//!
//! `command.rs` lists those that an application mounts, `admin.rs` those on PostgreSQL servers of one's own; `mount.rs`
//! hides both lists from applications. A command is a struct of its arguments, which clap fills, with a method that does
//! the work and prints the result. Those in `authoring/` work on a bundle's directory. The others
//! work on a database, through the runtime, the `Driver` or `embed_migrate_cluster`. Arguments that several commands take are
//! in `options/`, what happens around a run is in `run/`, and `output/` has all that is printed.

pub(crate) mod admin;
mod authoring;
mod backup;
pub(crate) mod command;
mod current;
mod database;
mod ddl;
mod deploy;
mod drift;
mod dump;
mod history;
mod instance;
mod mount;
mod repair;
mod restore;
mod status;
mod up;
mod user;
mod verify;
