use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::Result;

use super::description::print_instance;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `instance listen`: changes the addresses that an instance listens on.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Listen {
    /// The instance's name
    name: String,
    /// All addresses to listen on; * for every address of this machine
    #[arg(required = true)]
    address: Vec<embed_migrate_cluster::ListenAddress>,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl Listen {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        instances.get(&self.name)?.listen(&self.address).await?;
        print_instance(&instances.get(&self.name)?, self.options.format).await
    }
}
