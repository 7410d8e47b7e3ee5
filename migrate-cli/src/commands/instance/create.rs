use clap::Args;
use migrate_cluster::{Flavor, Instances, ListenAddress, NewInstance};
use migrate_core::Result;

use super::description::print_instance;

use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `instance create`: makes an instance.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Create {
    /// The instance's name
    name: String,
    /// What the new instance is to be like.
    #[command(flatten)]
    size: InstanceSize,
    /// Leave its server stopped
    #[arg(long)]
    stopped: bool,
    /// What every command on instances takes.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

/// The size of a new instance.
#[derive(Debug, Clone, Args)]
pub(crate) struct InstanceSize {
    /// Its flavor, by name, number or MB: see `instance flavors` (default: 512MB, or that of the backup)
    #[arg(long)]
    pub(crate) flavor: Option<Flavor>,
    /// The size of its volume (default: 10, or that of the backup)
    #[arg(long, value_name = "GB")]
    volume: Option<u64>,
    /// Its port (default: the first that is free from 5433 on)
    #[arg(long)]
    port: Option<u16>,
    /// An address that it listens on, or * for all; once for each (default: 127.0.0.1)
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<ListenAddress>,
}

impl InstanceSize {
    /// An instance of this size; what was not said is as given.
    pub(crate) fn instance(&self, name: &str, flavor: Flavor, volume: u64) -> NewInstance {
        let new = NewInstance::new(name, self.flavor.unwrap_or(flavor), self.volume.unwrap_or(volume));
        let new = match self.port {
            Some(port) => new.port(port),
            None => new,
        };
        if self.listen.is_empty() { new } else { new.listen(self.listen.as_slice()) }
    }
}

/// The GB of a volume of which nobody said them.
const VOLUME: u64 = 10;

impl Create {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let new = self.size.instance(&self.name, Flavor::smallest(), VOLUME);
        let new = if self.stopped { new.stopped() } else { new };
        print_instance(&instances.create(&new).await?, self.options.format).await
    }
}
