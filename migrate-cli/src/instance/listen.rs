use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;

use super::tell;
use crate::At;
use crate::exit::EXIT_CODES;

/// `instance listen`: has an instance listen on other addresses.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Listen {
    /// The instance's name
    pub name: String,
    /// All addresses that it is to listen on; * for every address of this machine
    #[arg(required = true)]
    pub address: Vec<migrate_cluster::Listen>,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl Listen {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        instances.get(&self.name)?.listen(&self.address).await?;
        tell(&instances.get(&self.name)?, self.at.format).await
    }
}
