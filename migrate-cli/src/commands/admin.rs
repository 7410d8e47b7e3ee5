use std::process::ExitCode;

use clap::Subcommand;
use embed_migrate_core::Result;
use embed_migrate_runtime::Settings;

use super::backup::command::Backup;
use super::dump::Dump;
use super::instance::command::Instance;
use super::mount::mounts;
use super::restore::Restore;
use crate::options::format::Format;
use crate::output::exit::{EXIT_CODES, Exit, failed};
use crate::output::{json, print};

/// The commands on local PostgreSQL servers: instances, their backups, and dumps of databases.
///
/// They are separate from [`Command`](crate::Command), since few applications mount them.
#[derive(Debug, Clone)]
pub struct Admin(AdminVerb);

mounts!(Admin, AdminVerb);

#[derive(Debug, Clone, Subcommand)]
#[command(after_help = EXIT_CODES)]
enum AdminVerb {
    /// Create and run local PostgreSQL servers, each with a name, a flavor and a volume
    #[command(subcommand)]
    Instance(Instance),
    /// Back up instances, and create new instances from backups
    #[command(subcommand)]
    Backup(Backup),
    /// Dump one database to a file, with pg_dump
    Dump(Dump),
    /// Restore a database from a file that `dump` wrote, with pg_restore
    Restore(Restore),
}

impl Admin {
    /// Runs the command, prints its result, and gives the exit code.
    ///
    /// `variables` looks up environment variables: where PostgreSQL is, and the state directory. `database` is called only
    /// if the command needs a database.
    pub async fn run(
        &self,
        variables: &dyn Fn(&str) -> Option<String>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> ExitCode {
        let outcome = match &self.0 {
            AdminVerb::Instance(instance) => instance.run(variables).await,
            AdminVerb::Backup(backup) => backup.run(variables).await,
            AdminVerb::Dump(dump) => dump.run(variables, database).await,
            AdminVerb::Restore(restore) => restore.run(variables, database).await,
        };
        match outcome {
            Ok(()) => Exit::Done.into(),
            Err(error) => {
                if self.format() == Format::Json {
                    print::result(json::errors(&error));
                }
                failed(error)
            }
        }
    }

    fn format(&self) -> Format {
        match &self.0 {
            AdminVerb::Instance(instance) => instance.options().format,
            AdminVerb::Backup(backup) => backup.options().format,
            AdminVerb::Dump(dump) => dump.database.options.format,
            AdminVerb::Restore(restore) => restore.database.options.format,
        }
    }
}
