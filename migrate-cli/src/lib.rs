//! `cargo migrate`, and the command type that an application mounts.
//!
//! [`Command`] has the subcommands. `cargo migrate` runs them on a directory; an application that mounts them supplies
//! its embedded bundles and its database:
//!
//! ```no_run
//! use clap::Parser;
//! use embed_migrate_runtime::{Migrator, Settings};
//!
//! #[derive(Parser)]
//! enum Arguments {
//!     /// Serve
//!     Serve,
//!     /// Migrate the database by hand
//!     #[command(subcommand)]
//!     Migrate(embed_migrate_cli::Command),
//! }
//!
//! # async fn run(migrations: &'static embed_migrate_core::Bundle) -> std::process::ExitCode {
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
//! [`Admin`] has the commands on local PostgreSQL servers, which an application may mount as well.
//!
//! This crate prints: results on stdout, everything else on stderr, in colours on a terminal unless `NO_COLOR` is set.
//! Otherwise only the program `cargo-migrate` reads the environment, and `--password-env` the variable that it names.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod autogenerate;
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
