use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use embed_migrate_cluster::Installation;
use embed_migrate_core::{ErrorKind, Result};
use embed_migrate_runtime::Settings;
use serde_json::json;

use crate::options::database_choice::DatabaseChoice;
use crate::options::format::Format;
use crate::output::exit::EXIT_CODES;
use crate::output::print;
use crate::run::create_database;

/// `restore`: restores a database from a file, all of it or nothing.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Restore {
    /// The file that `dump` wrote
    file: PathBuf,
    /// The database.
    #[command(flatten)]
    pub(crate) database: DatabaseChoice,
    /// Create the database if it does not exist; it is dropped again if the restore fails
    #[arg(long)]
    create: bool,
    /// Drop the objects in the database that are also in the file, before they are restored
    #[arg(long)]
    clean: bool,
    /// Make the connection's role the owner of everything
    #[arg(long)]
    no_owner: bool,
}

impl Restore {
    pub(crate) async fn run(
        &self,
        variables: &dyn Fn(&str) -> Option<String>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> Result<()> {
        let settings = self.database.settings(variables, database).await?;
        let mut restore = embed_migrate_cluster::Restore::new(&Installation::find(variables)?, &settings);
        if self.clean {
            restore = restore.clean();
        }
        if self.no_owner {
            restore = restore.no_owner();
        }
        let mut is_made = false;
        let make = async || {
            is_made = self.create && create_database::missing(&settings, Duration::ZERO).await?;
            Ok(())
        };
        if let Err(error) = restore.read_into(&self.file, make).await {
            // What no standby has yet is restored all the same.
            let is_empty = is_made && error.kind() != ErrorKind::Node;
            return Err(if is_empty { create_database::take_back(&settings, error).await } else { error });
        }
        let (database, file) = (settings.database(), self.file.display());
        match self.database.options.format {
            Format::Json => print::result(json!({ "database": database, "file": file.to_string() })),
            Format::Text => print::result(format_args!("restored {database} from {file}")),
        }
        Ok(())
    }
}
