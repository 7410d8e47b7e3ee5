use clap::Args;
use migrate_cluster::{Flavor, Instances};
use migrate_core::Result;

use super::tell;
use crate::At;
use crate::exit::EXIT_CODES;

/// `instance resize`: gives an instance another flavor.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Resize {
    /// The instance's name
    pub name: String,
    /// The flavor, by name, number or MB: see `instance flavors`
    pub flavor: Flavor,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl Resize {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        instances.get(&self.name)?.resize(self.flavor).await?;
        tell(&instances.get(&self.name)?, self.at.format).await
    }
}

/// `instance resize-volume`: gives an instance a larger volume.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct ResizeVolume {
    /// The instance's name
    pub name: String,
    /// The size, not smaller than now
    #[arg(value_name = "GB")]
    pub volume: u64,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl ResizeVolume {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        instances.get(&self.name)?.resize_volume(self.volume).await?;
        tell(&instances.get(&self.name)?, self.at.format).await
    }
}
