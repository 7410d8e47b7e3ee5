use clap::Args;
use embed_migrate_cluster::{Flavor, Instances};
use embed_migrate_core::Result;

use super::description::print_instance;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `instance resize`: changes an instance's flavor.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Resize {
    /// The instance's name
    name: String,
    /// The flavor, by name, number or MB: see `instance flavors`
    flavor: Flavor,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl Resize {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        instances.get(&self.name)?.resize(self.flavor).await?;
        print_instance(&instances.get(&self.name)?, self.options.format).await
    }
}

/// `instance resize-volume`: enlarges an instance's volume.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ResizeVolume {
    /// The instance's name
    name: String,
    /// The new size, not smaller than the present one
    #[arg(value_name = "GB")]
    volume: u64,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl ResizeVolume {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        instances.get(&self.name)?.resize_volume(self.volume).await?;
        print_instance(&instances.get(&self.name)?, self.options.format).await
    }
}
