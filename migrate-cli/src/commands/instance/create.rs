use clap::Args;
use embed_migrate_cluster::{Flavor, Instances, ListenAddress, NewInstance};
use embed_migrate_core::Result;

use super::description::print_instance;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `instance create`: makes an instance.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Create {
    /// The instance's name
    name: String,
    /// The new instance's size and addresses.
    #[command(flatten)]
    size: InstanceSize,
    /// Do not start its server
    #[arg(long)]
    stopped: bool,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

/// The size and addresses of a new instance.
#[derive(Debug, Clone, Args)]
pub(crate) struct InstanceSize {
    /// Its flavor, by name, number or MB: see `instance flavors` (default: 512MB, or the backup's)
    #[arg(long)]
    pub(crate) flavor: Option<Flavor>,
    /// The size of its volume (default: 10, or the backup's)
    #[arg(long, value_name = "GB")]
    volume: Option<u64>,
    /// Its port (default: the first free port from 5433 on)
    #[arg(long)]
    port: Option<u16>,
    /// An address to listen on, or * for all; may be repeated (default: 127.0.0.1)
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<ListenAddress>,
}

impl InstanceSize {
    /// An instance of this size, with defaults for its flavor and its volume.
    pub(crate) fn instance(&self, name: &str, flavor: Flavor, volume: u64) -> NewInstance {
        let new = NewInstance::new(name, self.flavor.unwrap_or(flavor), self.volume.unwrap_or(volume));
        let new = match self.port {
            Some(port) => new.port(port),
            None => new,
        };
        if self.listen.is_empty() { new } else { new.listen(self.listen.as_slice()) }
    }
}

/// The default size of a volume, in GB.
const VOLUME: u64 = 10;

impl Create {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let new = self.size.instance(&self.name, Flavor::smallest(), VOLUME);
        let new = if self.stopped { new.stopped() } else { new };
        print_instance(&instances.create(&new).await?, self.options.format).await
    }
}
