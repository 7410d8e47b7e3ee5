use clap::Args;
use migrate_cluster::{Flavor, Instances, Listen, NewInstance};
use migrate_core::Result;

use super::tell;
use crate::At;
use crate::exit::EXIT_CODES;

/// `instance create`: makes an instance.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Create {
    /// The instance's name
    pub name: String,
    /// What the new instance is to be like.
    #[command(flatten)]
    pub size: Size,
    /// Leave its server stopped
    #[arg(long)]
    pub stopped: bool,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

/// The size of a new instance.
#[derive(Debug, Clone, Args)]
pub struct Size {
    /// Its flavor, by name, number or MB: see `instance flavors` (default: 512MB, or that of the backup)
    #[arg(long)]
    pub flavor: Option<Flavor>,
    /// The size of its volume (default: 10, or that of the backup)
    #[arg(long, value_name = "GB")]
    pub volume: Option<u64>,
    /// Its port (default: the first that is free from 5433 on)
    #[arg(long)]
    pub port: Option<u16>,
    /// An address that it listens on, or * for all; once for each (default: 127.0.0.1)
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Vec<Listen>,
}

impl Size {
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
        tell(&instances.create(&new).await?, self.at.format).await
    }
}
