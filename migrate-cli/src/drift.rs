use clap::Args;
use migrate_core::Result;
use migrate_runtime::{Migrator, Settings};

use crate::exit::{EXIT_CODES, Exit};
use crate::{Connect, Format, json, print};

/// `drift`: in what the database differs from the bundles, and from what the last run left.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Drift {
    /// What every command that talks to a database takes.
    #[command(flatten)]
    pub connect: Connect,
    /// Tell only of changes in this schema; once for each where there are several. Patches and facts are told of all the
    /// same
    #[arg(long, value_name = "SCHEMA")]
    pub schema: Vec<String>,
}

impl Drift {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let drift = self.connect.apply(migrator).drift(settings).await?;
        let drift = if self.schema.is_empty() { drift } else { drift.within(&self.schema) };
        match self.connect.format {
            Format::Json => print::result(json::drift(&drift)),
            Format::Text => print::result(&drift),
        }
        Ok(match drift.is_empty() {
            true => Exit::Done,
            false => Exit::Different,
        })
    }
}
