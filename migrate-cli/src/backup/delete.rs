use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;
use serde_json::json;

use crate::confirm::confirm;
use crate::exit::EXIT_CODES;
use crate::{At, Format, print};

/// `backup delete`: removes a backup.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct DeleteBackup {
    /// Its name or id
    pub backup: String,
    /// Do it, though it can't be taken back
    #[arg(long)]
    pub yes: bool,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl DeleteBackup {
    pub(super) fn run(&self, instances: &Instances) -> Result<()> {
        let backup = instances.backup(&self.backup)?;
        let (id, name) = (backup.id.clone(), backup.name.clone());
        confirm(self.yes, format!("backup `{name}` of instance `{}` would be deleted", backup.instance))?;
        backup.delete()?;
        match self.at.format {
            Format::Json => print::result(json!({ "deleted": id })),
            Format::Text => print::result(format_args!("deleted {name} ({id})")),
        }
        Ok(())
    }
}
