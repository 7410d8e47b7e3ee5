use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;

use super::progress::follow;
use super::shown::tell;
use crate::At;
use crate::exit::EXIT_CODES;

/// `backup wait`: waits until a backup is completed; ends with 1 if it failed.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct WaitForBackup {
    /// Its name or id
    pub backup: String,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl WaitForBackup {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let backup = follow(&instances.backup(&self.backup)?).await?;
        tell(&backup, self.at.format);
        Ok(())
    }
}
