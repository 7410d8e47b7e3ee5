use std::process::ExitCode;

use clap::Subcommand;
use migrate_core::Result;
use migrate_runtime::{Migrator, Settings};

use crate::exit::{EXIT_CODES, Exit};
use crate::{
    Check, Database, Ddl, Deploy, Drift, Format, Lock, New, Repair, Status, Up, User, Verify, json, print,
};

/// The commands: for `cargo migrate`, and for an application that mounts them.
#[derive(Debug, Clone, Subcommand)]
#[command(after_help = EXIT_CODES)]
pub enum Command {
    /// Write an empty draft of the next patch, and its line in migrations.lock
    New(New),
    /// Check all patches and lock the drafts: write migrations.lock
    Lock(Lock),
    /// Check all patches as `embed_migrations!()` does, and write nothing
    Check(Check),
    /// Show which patches the database has; write nothing
    Status(Status),
    /// Apply what is pending
    Up(Up),
    /// Settle an interrupted patch of which the database can't tell how far it came
    Repair(Repair),
    /// Make facts true, those of a file or of the bundle
    Deploy(Deploy),
    /// Check that patches are applied and facts hold; write nothing
    Verify(Verify),
    /// Show edited patches, broken facts, and what was changed by hand since the last run; write nothing
    Drift(Drift),
    /// Print what the database contains, or one table, as SQL; or what facts declare
    Ddl(Ddl),
    /// Create, drop, clone, rename, overwrite and list databases
    Database(Database),
    /// Create, drop, change and list users
    User(User),
}

impl Command {
    /// Whether it needs the bundles; some need a directory, and some only the database.
    pub fn needs_bundles(&self) -> bool {
        match self {
            Command::New(_) | Command::Lock(_) | Command::Check(_) => false,
            Command::Ddl(ddl) => ddl.declared,
            Command::Database(_) | Command::User(_) => false,
            Command::Deploy(Deploy { facts, .. }) | Command::Verify(Verify { facts, .. }) => facts.is_none(),
            Command::Status(_) | Command::Up(_) | Command::Repair(_) | Command::Drift(_) => true,
        }
    }

    /// Runs it, prints what came of it, and gives the exit code.
    ///
    /// `migrator` holds the bundles and what the application wants of a run; the command's options come on top.
    /// `database` is asked for only by a command that needs it.
    pub async fn run(
        &self,
        migrator: Migrator<'_>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> ExitCode {
        match self.outcome(migrator, database).await {
            Ok(exit) => exit.into(),
            Err(error) => {
                if self.format() == Format::Json {
                    print::result(json::errors(&error));
                }
                crate::failed(error)
            }
        }
    }

    async fn outcome(
        &self,
        migrator: Migrator<'_>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> Result<Exit> {
        match self {
            Command::New(new) => new.run(migrator.bundles()),
            Command::Lock(lock) => lock.run(migrator.bundles()),
            Command::Check(check) => check.run(migrator.bundles()),
            Command::Status(status) => status.run(migrator, &database().await?).await,
            Command::Up(up) => up.run(migrator, &database().await?).await,
            Command::Repair(repair) => repair.run(migrator, &database().await?).await,
            Command::Drift(drift) => drift.run(migrator, &database().await?).await,
            Command::Ddl(ddl) if ddl.declared => ddl.of_facts(migrator.bundles()),
            Command::Ddl(ddl) => ddl.run(&database().await?).await,
            Command::Database(verb) => verb.run(&database().await?).await,
            Command::User(verb) => verb.run(&database().await?).await,
            Command::Verify(verify) => verify.run(migrator, &database().await?).await,
            Command::Deploy(deploy) => match &deploy.facts {
                Some(path) => deploy.file(&migrator, path, &database().await?).await,
                None => deploy.bundles(migrator, &database().await?).await,
            },
        }
    }

    fn format(&self) -> Format {
        match self {
            Command::New(_) | Command::Lock(_) | Command::Check(_) | Command::Ddl(_) => Format::Text,
            Command::Status(status) => status.connect.format,
            Command::Up(up) => up.connect.format,
            Command::Repair(repair) => repair.connect.format,
            Command::Deploy(deploy) => deploy.connect.format,
            Command::Verify(verify) => verify.connect.format,
            Command::Drift(drift) => drift.connect.format,
            Command::Database(verb) => verb.format(),
            Command::User(verb) => verb.format(),
        }
    }
}
