use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::Result;
use serde_json::json;

use crate::options::format::Format;
use crate::options::instances::InstanceOptions;
use crate::output::confirm::confirm;
use crate::output::exit::EXIT_CODES;
use crate::output::print;

/// `backup delete`: removes a backup.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct DeleteBackup {
    /// Its name or id
    backup: String,
    /// Confirm: this can't be undone
    #[arg(long)]
    yes: bool,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl DeleteBackup {
    pub(super) fn run(&self, instances: &Instances) -> Result<()> {
        let backup = instances.backup(&self.backup)?;
        let (id, name) = (backup.id.clone(), backup.name.clone());
        confirm(self.yes, format!("backup `{name}` of instance `{}` would be deleted", backup.instance))?;
        backup.delete()?;
        match self.options.format {
            Format::Json => print::result(json!({ "deleted": id })),
            Format::Text => print::result(format_args!("deleted {name} ({id})")),
        }
        Ok(())
    }
}
