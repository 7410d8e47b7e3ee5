use clap::Args;
use embed_migrate_cluster::{Flavor, Instances};
use embed_migrate_core::Result;

use crate::commands::instance::create::InstanceSize;
use crate::commands::instance::description::print_instance;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `backup restore`: creates a new instance from a backup.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct RestoreBackup {
    /// The backup's name or id
    backup: String,
    /// The new instance's name
    name: String,
    /// The new instance's size and addresses.
    #[command(flatten)]
    size: InstanceSize,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl RestoreBackup {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let backup = instances.backup(&self.backup)?;
        let flavor = match self.size.flavor {
            Some(flavor) => flavor,
            None => backup.flavor.parse::<Flavor>()?,
        };
        let new = self.size.instance(&self.name, flavor, backup.volume);
        print_instance(&instances.restore_backup(&backup, &new).await?, self.options.format).await
    }
}
