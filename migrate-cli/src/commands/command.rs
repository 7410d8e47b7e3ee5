use std::process::ExitCode;

use clap::Subcommand;
use embed_migrate_core::Result;
use embed_migrate_runtime::{Migrator, Settings};

use super::authoring::check::Check;
use super::authoring::diff::Diff;
use super::authoring::lock::Lock;
use super::authoring::new::New;
use super::authoring::revision::Revision;
use super::current::Current;
use super::database::Database;
use super::ddl::Ddl;
use super::deploy::Deploy;
use super::drift::Drift;
use super::history::History;
use super::mount::mounts;
use super::repair::Repair;
use super::status::Status;
use super::up::Up;
use super::user::User;
use super::verify::Verify;
use crate::options::format::Format;
use crate::output::exit::{EXIT_CODES, Exit, failed};
use crate::output::notice_log::NoticeLog;
use crate::output::{json, print};

/// The commands: for `cargo migrate`, and for an application that mounts them.
#[derive(Debug, Clone)]
pub struct Command(CommandVerb);

mounts!(Command, CommandVerb);

#[derive(Debug, Clone, Subcommand)]
#[command(after_help = EXIT_CODES)]
enum CommandVerb {
    /// Write an empty draft of the next patch, and add it to migrations.lock
    New(New),
    /// Write the patches that lead to the declared schema, proven on a throwaway server
    Diff(Diff),
    /// The same with a message instead of a name (`--autogenerate`), or an empty draft: Alembic's words
    Revision(Revision),
    /// Check all patches, and lock the drafts in migrations.lock
    Lock(Lock),
    /// Check all patches as `embed_migrations!()` does; writes nothing
    Check(Check),
    /// Show which patches and facts the database has; writes nothing
    Status(Status),
    /// Show the patches from base to head, which of them the database has, and with --verbose who applied them and when
    History(History),
    /// Show the version that the database is at
    Current(Current),
    /// Apply pending patches and facts
    Up(Up),
    /// Say whether the statement of an interrupted patch was completed, if the database does not show it
    Repair(Repair),
    /// Deploy facts, from a file or from the bundle; repairs facts that were changed by hand
    Deploy(Deploy),
    /// Check that patches are applied and facts hold; writes nothing
    Verify(Verify),
    /// Show edited patches, broken facts, and changes by hand since the last run; writes nothing
    Drift(Drift),
    /// Print the database's schema, one table, or the declared facts as SQL
    Ddl(Ddl),
    /// Create, drop, clone, rename, overwrite and list databases
    Database(Database),
    /// Create, drop, change and list users
    User(User),
}

impl Command {
    /// Whether the command needs the bundles: some need only a directory, and some only the database.
    pub fn needs_bundles(&self) -> bool {
        match &self.0 {
            CommandVerb::New(_) | CommandVerb::Lock(_) | CommandVerb::Check(_) => false,
            CommandVerb::Diff(_) | CommandVerb::Revision(_) => false,
            CommandVerb::Ddl(ddl) => ddl.declared,
            CommandVerb::Database(_) | CommandVerb::User(_) => false,
            CommandVerb::Deploy(Deploy { facts, .. }) | CommandVerb::Verify(Verify { facts, .. }) => {
                facts.is_none()
            }
            CommandVerb::History(_) | CommandVerb::Current(_) => true,
            CommandVerb::Status(_) | CommandVerb::Up(_) | CommandVerb::Repair(_) | CommandVerb::Drift(_) => {
                true
            }
        }
    }

    /// The migrator with what the command's options ask of the server's instance: a backup before the patches
    /// (`--backup`), and a check of the disk space that rewritten tables need. An application that runs no instances of
    /// its own can leave this out.
    ///
    /// `variables` looks up environment variables: where PostgreSQL is, and the state directory.
    ///
    /// # Errors
    ///
    /// `NotInstalled` without PostgreSQL; `NotFound` if there is no such instance.
    pub fn prepare<'a>(
        &self,
        migrator: Migrator<'a>,
        variables: &dyn Fn(&str) -> Option<String>,
        database: impl Fn() -> Result<Settings>,
    ) -> Result<Migrator<'a>> {
        match &self.0 {
            CommandVerb::Up(up) => up.pre_run.apply(migrator, variables, database),
            CommandVerb::Deploy(deploy) => Ok(deploy.disk_space.apply(migrator, variables)),
            _ => Ok(migrator),
        }
    }

    /// Runs the command, prints its result, and gives the exit code.
    ///
    /// `migrator` has the bundles and the application's own options; the command's options are added. `database` is called
    /// only if the command needs a database.
    pub async fn run(
        &self,
        migrator: Migrator<'_>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> ExitCode {
        let notices = NoticeLog::default();
        match self.outcome(migrator, database, &notices).await {
            Ok(exit) => exit.into(),
            Err(error) => {
                if self.format() == Format::Json {
                    let errors = json::errors(&error);
                    print::result(if self.keeps_notices() { notices.add_to(errors) } else { errors });
                }
                failed(error)
            }
        }
    }

    async fn outcome(
        &self,
        migrator: Migrator<'_>,
        database: impl AsyncFnOnce() -> Result<Settings>,
        notices: &NoticeLog,
    ) -> Result<Exit> {
        match &self.0 {
            CommandVerb::New(new) => new.run(migrator.bundles()),
            CommandVerb::Diff(diff) => Box::pin(diff.run(migrator.bundles())).await,
            CommandVerb::Revision(revision) => Box::pin(revision.run(migrator.bundles())).await,
            CommandVerb::Lock(lock) => lock.run(migrator.bundles()),
            CommandVerb::Check(check) => check.run(migrator.bundles()),
            CommandVerb::Status(status) => status.run(migrator, &database().await?).await,
            CommandVerb::History(history) if history.offline => history.of_bundles(migrator.bundles()),
            CommandVerb::History(history) => history.run(migrator, &database().await?).await,
            CommandVerb::Current(current) => current.run(migrator, &database().await?).await,
            CommandVerb::Up(up) => up.run(migrator, &database().await?, notices).await,
            CommandVerb::Repair(repair) => repair.run(migrator, &database().await?).await,
            CommandVerb::Drift(drift) => drift.run(migrator, &database().await?).await,
            CommandVerb::Ddl(ddl) if ddl.declared => ddl.of_facts(migrator.bundles()),
            CommandVerb::Ddl(ddl) => ddl.run(&database().await?).await,
            CommandVerb::Database(verb) => verb.run(&database().await?).await,
            CommandVerb::User(verb) => verb.run(&database().await?).await,
            CommandVerb::Verify(verify) => verify.run(migrator, &database().await?).await,
            CommandVerb::Deploy(deploy) => match &deploy.facts {
                Some(path) => deploy.file(&migrator, path, &database().await?, notices).await,
                None => deploy.bundles(migrator, &database().await?, notices).await,
            },
        }
    }

    /// Whether its JSON has what the server said meanwhile.
    fn keeps_notices(&self) -> bool {
        matches!(self.0, CommandVerb::Up(_) | CommandVerb::Deploy(_))
    }

    fn format(&self) -> Format {
        match &self.0 {
            CommandVerb::New(_)
            | CommandVerb::Diff(_)
            | CommandVerb::Revision(_)
            | CommandVerb::Lock(_)
            | CommandVerb::Check(_)
            | CommandVerb::Ddl(_) => Format::Text,
            CommandVerb::Status(status) => status.connect.format,
            CommandVerb::History(history) => history.connect.format,
            CommandVerb::Current(current) => current.connect.format,
            CommandVerb::Up(up) => up.connect.format,
            CommandVerb::Repair(repair) => repair.connect.format,
            CommandVerb::Deploy(deploy) => deploy.connect.format,
            CommandVerb::Verify(verify) => verify.connect.format,
            CommandVerb::Drift(drift) => drift.connect.format,
            CommandVerb::Database(verb) => verb.format(),
            CommandVerb::User(verb) => verb.format(),
        }
    }
}
