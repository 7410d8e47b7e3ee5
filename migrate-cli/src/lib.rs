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

mod cargo_migrate;
mod commands;
mod directory;
mod options;
mod output;
mod run;

#[doc(hidden)]
pub use cargo_migrate::cargo_migrate;
pub use commands::admin::Admin;
pub use commands::command::Command;
pub use output::exit::{failed, misunderstood};
