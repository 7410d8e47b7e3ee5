use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::Result;

use super::description::print_instance;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `instance port`: changes an instance's port.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Port {
    /// The instance's name
    name: String,
    /// The port (default: the first free port from 5433 on)
    port: Option<u16>,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl Port {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        instances.get(&self.name)?.set_port(self.port).await?;
        print_instance(&instances.get(&self.name)?, self.options.format).await
    }
}
