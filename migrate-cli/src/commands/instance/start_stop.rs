use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::Result;

use super::description::print_instance;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `instance start`, `stop` and `restart`.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct StartStop {
    /// The instance's name
    name: String,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl StartStop {
    /// Starts the server, and leaves it running.
    pub(super) async fn start(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.start().await?;
        print_instance(&named, self.options.format).await
    }

    /// Stops the server, if it is running.
    pub(super) async fn stop(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.stop().await?;
        print_instance(&named, self.options.format).await
    }

    /// Stops the server, and starts it.
    pub(super) async fn restart(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.name)?;
        named.restart().await?;
        print_instance(&named, self.options.format).await
    }
}
