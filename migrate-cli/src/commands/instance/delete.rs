use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::Result;
use serde_json::json;

use crate::options::format::Format;
use crate::options::instances::InstanceOptions;
use crate::output::confirm::confirm;
use crate::output::exit::EXIT_CODES;
use crate::output::print;

/// `instance delete`: stops a server and removes the instance.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Delete {
    /// The instance's name
    name: String,
    /// Confirm: this can't be undone
    #[arg(long)]
    yes: bool,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl Delete {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        let what =
            format!("instance `{}` would be deleted with all its databases; its backups stay", self.name);
        confirm(self.yes, what)?;
        named.delete().await?;
        match self.options.format {
            Format::Json => print::result(json!({ "deleted": self.name })),
            Format::Text => print::result(format_args!("deleted {}", self.name)),
        }
        Ok(())
    }
}
