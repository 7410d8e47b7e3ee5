use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;

use super::tell;
use crate::At;
use crate::exit::EXIT_CODES;

/// `instance start`: starts a server, and leaves it running.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Start {
    /// The instance's name
    pub name: String,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl Start {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.start().await?;
        tell(&named, self.at.format).await
    }
}

/// `instance stop`: stops a server; one that does not run is let be.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Stop {
    /// The instance's name
    pub name: String,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl Stop {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.stop().await?;
        tell(&named, self.at.format).await
    }
}

/// `instance restart`: stops a server, and starts it.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Restart {
    /// The instance's name
    pub name: String,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl Restart {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.restart().await?;
        tell(&named, self.at.format).await
    }
}
