use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;

use super::tell;
use crate::At;
use crate::exit::EXIT_CODES;

/// `instance start`, `stop` and `restart`: whether a server runs.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Run {
    /// The instance's name
    pub name: String,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl Run {
    /// Starts the server, and leaves it running.
    pub(super) async fn start(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.start().await?;
        tell(&named, self.at.format).await
    }

    /// Stops the server; one that does not run is let be.
    pub(super) async fn stop(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.stop().await?;
        tell(&named, self.at.format).await
    }

    /// Stops the server, and starts it.
    pub(super) async fn restart(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.restart().await?;
        tell(&named, self.at.format).await
    }
}
