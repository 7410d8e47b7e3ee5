use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::Result;

use super::description::tell;
use crate::options::instances::InstanceOptions;
use crate::output::backup_progress::follow;
use crate::output::exit::EXIT_CODES;

/// `backup wait`: waits until a backup is completed; ends with 1 if it failed.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct WaitForBackup {
    /// Its name or id
    backup: String,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl WaitForBackup {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let backup = follow(&instances.backup(&self.backup)?).await?;
        tell(&backup, self.options.format);
        Ok(())
    }
}
