use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;
use serde_json::json;

use crate::confirm::confirm;
use crate::exit::EXIT_CODES;
use crate::{At, Format, print};

/// `instance delete`: stops a server and removes the instance.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Delete {
    /// The instance's name
    pub name: String,
    /// Do it, though it can't be taken back
    #[arg(long)]
    pub yes: bool,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl Delete {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        let what =
            format!("instance `{}` would be deleted with all its databases; its backups stay", self.name);
        confirm(self.yes, what)?;
        named.delete().await?;
        match self.at.format {
            Format::Json => print::result(json!({ "deleted": self.name })),
            Format::Text => print::result(format_args!("deleted {}", self.name)),
        }
        Ok(())
    }
}
