use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use migrate_cluster::Installation;
use migrate_core::Result;
use migrate_runtime::Settings;
use serde_json::json;

use crate::exit::EXIT_CODES;
use crate::which::Which;
use crate::{Format, create, print};

/// `restore`: makes a database's contents again from a file, all of it or nothing.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Restore {
    /// The file that `dump` wrote
    pub file: PathBuf,
    /// Which database.
    #[command(flatten)]
    pub which: Which,
    /// Create the database if it does not exist; it is dropped again if the restore fails
    #[arg(long)]
    pub create: bool,
    /// Drop what is there and in the file, before it is made again
    #[arg(long)]
    pub clean: bool,
    /// Make the connection's role the owner of everything
    #[arg(long)]
    pub no_owner: bool,
}

impl Restore {
    pub(crate) async fn run(
        &self,
        variables: &dyn Fn(&str) -> Option<String>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> Result<()> {
        let settings = self.which.settings(variables, database).await?;
        let mut restore = migrate_cluster::Restore::new(&Installation::find(variables)?, &settings);
        if self.clean {
            restore = restore.clean();
        }
        if self.no_owner {
            restore = restore.no_owner();
        }
        let mut is_made = false;
        let make = async || {
            is_made = self.create && create::missing(&settings, Duration::ZERO).await?;
            Ok(())
        };
        if let Err(error) = restore.read_into(&self.file, make).await {
            return Err(if is_made { create::take_back(&settings, error).await } else { error });
        }
        let (database, file) = (settings.database(), self.file.display());
        match self.which.at.format {
            Format::Json => print::result(json!({ "database": database, "file": file.to_string() })),
            Format::Text => print::result(format_args!("restored {database} from {file}")),
        }
        Ok(())
    }
}
