use std::process::ExitCode;

use clap::Subcommand;
use migrate_core::Result;
use migrate_runtime::Settings;

use crate::exit::{EXIT_CODES, Exit};
use crate::{Backup, Dump, Format, Instance, Restore, json, print};

/// The commands on servers of one's own: instances, their backups, and dumps of databases.
///
/// They are apart from [`Command`](crate::Command), since an application seldom wants to mount them.
#[derive(Debug, Clone, Subcommand)]
#[command(after_help = EXIT_CODES)]
pub enum Admin {
    /// Make and run PostgreSQL servers with a name, a flavor and a volume
    #[command(subcommand)]
    Instance(Instance),
    /// Back up instances, and make new ones of backups
    #[command(subcommand)]
    Backup(Backup),
    /// Write one database into a file, with pg_dump
    Dump(Dump),
    /// Make a database's contents again from a file that `dump` wrote, with pg_restore
    Restore(Restore),
}

impl Admin {
    /// Runs it, prints what came of it, and gives the exit code.
    ///
    /// `variables` answers for the environment: where PostgreSQL is, and the state directory. `database` is asked
    /// for only by a command that needs it.
    pub async fn run(
        &self,
        variables: &dyn Fn(&str) -> Option<String>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> ExitCode {
        let outcome = match self {
            Admin::Instance(instance) => instance.run(variables).await,
            Admin::Backup(backup) => backup.run(variables).await,
            Admin::Dump(dump) => dump.run(variables, database).await,
            Admin::Restore(restore) => restore.run(variables, database).await,
        };
        match outcome {
            Ok(()) => Exit::Done.into(),
            Err(error) => {
                if self.format() == Format::Json {
                    print::result(json::errors(&error));
                }
                crate::failed(error)
            }
        }
    }

    fn format(&self) -> Format {
        match self {
            Admin::Instance(instance) => instance.at().format,
            Admin::Backup(backup) => backup.at().format,
            Admin::Dump(dump) => dump.which.at.format,
            Admin::Restore(restore) => restore.which.at.format,
        }
    }
}
