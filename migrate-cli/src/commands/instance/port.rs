use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;

use super::description::print_instance;

use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `instance port`: gives an instance another port.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Port {
    /// The instance's name
    name: String,
    /// Its port (default: the first that is free from 5433 on)
    port: Option<u16>,
    /// What every command on instances takes.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl Port {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        instances.get(&self.name)?.set_port(self.port).await?;
        print_instance(&instances.get(&self.name)?, self.options.format).await
    }
}
