//! `cargo migrate`, and the command type that an application mounts.
//!
//! [`Command`] is the subcommands. `cargo migrate` runs them on a directory; an application that mounts them
//! supplies its embedded bundles and its database:
//!
//! ```no_run
//! use clap::Parser;
//! use migrate_runtime::{Migrator, Settings};
//!
//! #[derive(Parser)]
//! enum Arguments {
//!     /// Serve
//!     Serve,
//!     /// Work on the database's patches
//!     #[command(subcommand)]
//!     Migrate(migrate_cli::Command),
//! }
//!
//! # async fn run(migrations: &'static migrate_core::Bundle) -> std::process::ExitCode {
//! match Arguments::parse() {
//!     Arguments::Serve => std::process::ExitCode::SUCCESS,
//!     Arguments::Migrate(command) => {
//!         let database = async || Settings::parse("postgresql://db.example/demo", &|_| None);
//!         command.run(Migrator::new([migrations]), database).await
//!     }
//! }
//! # }
//! ```
//!
//! [`Admin`] is the commands on servers of one's own, which an application mounts beside these if it wants to.
//!
//! This crate prints: results on stdout, all else on stderr, in no colours. The environment is read by the
//! program `cargo-migrate`, and where somebody names a variable (`--password-env`).
#![cfg_attr(docsrs, feature(doc_cfg))]

mod admin;
mod at;
pub mod backup;
mod bar;
mod batches;
mod before;
mod check;
mod command;
mod confirm;
mod connect;
mod create;
mod damage;
mod database;
mod ddl;
mod deploy;
mod directory;
mod drift;
mod dump;
mod exit;
mod format;
mod given;
mod heard;
pub mod instance;
mod json;
mod lock;
mod merge;
mod new;
mod number;
mod package;
mod password;
mod point;
mod print;
mod repair;
mod restore;
mod room;
mod search;
mod status;
mod stop;
mod template;
mod time;
mod up;
mod user;
mod verify;
mod which;
mod write;

pub use admin::Admin;
pub use at::At;
pub use backup::Backup;
pub use before::Before;
pub use check::Check;
pub use command::Command;
pub use connect::Connect;
pub use database::{Database, DatabaseVerb};
pub use ddl::Ddl;
pub use deploy::Deploy;
pub use directory::Directory;
pub use drift::Drift;
pub use dump::Dump;
pub use exit::{EXIT_CODES, failed, misunderstood};
pub use format::Format;
pub use instance::Instance;
pub use lock::Lock;
pub use new::New;
pub use number::{Next, Numbering};
pub use password::Password;
pub use point::Point;
pub use repair::Repair;
pub use restore::Restore;
pub use room::AskRoom;
pub use status::Status;
pub use up::{Target, Up};
pub use user::{User, UserVerb};
pub use verify::Verify;
pub use which::Which;
