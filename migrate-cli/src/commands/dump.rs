use std::path::PathBuf;

use clap::Args;
use embed_migrate_cluster::Installation;
use embed_migrate_core::Result;
use embed_migrate_runtime::Settings;
use serde_json::json;

use crate::options::database_choice::DatabaseChoice;
use crate::options::format::Format;
use crate::output::exit::EXIT_CODES;
use crate::output::print;

/// `dump`: writes one database to a file, or as SQL to stdout.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Dump {
    /// The file, in pg_dump's custom format
    #[arg(required_unless_present = "plain")]
    file: Option<PathBuf>,
    /// Write the dump to stdout, as SQL for psql
    #[arg(long, conflicts_with_all = ["file", "overwrite"])]
    plain: bool,
    /// The database.
    #[command(flatten)]
    pub(crate) database: DatabaseChoice,
    /// Replace the file if it exists
    #[arg(long)]
    overwrite: bool,
}

impl Dump {
    pub(crate) async fn run(
        &self,
        variables: &dyn Fn(&str) -> Option<String>,
        database: impl AsyncFnOnce() -> Result<Settings>,
    ) -> Result<()> {
        let settings = self.database.settings(variables, database).await?;
        let dump = embed_migrate_cluster::Dump::new(&Installation::find(variables)?, &settings);
        let Some(file) = &self.file else {
            dump.plain(std::io::stdout()).await?;
            return Ok(());
        };
        let dump = if self.overwrite { dump.overwrite() } else { dump };
        let size = dump.write(file).await?;
        let (database, file) = (settings.database(), file.display());
        match self.database.options.format {
            Format::Json => {
                print::result(json!({ "database": database, "file": file.to_string(), "size_bytes": size }))
            }
            Format::Text => print::result(format_args!("dumped {database} into {file} ({size} bytes)")),
        }
        Ok(())
    }
}
