use clap::Args;
use migrate_cluster::{Flavor, Instances};
use migrate_core::Result;

use crate::At;
use crate::exit::EXIT_CODES;
use crate::instance::{Size, tell};

/// `backup restore`: makes a new instance of a backup.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct RestoreBackup {
    /// The backup's name or id
    pub backup: String,
    /// The new instance's name
    pub name: String,
    /// What the new instance is to be like.
    #[command(flatten)]
    pub size: Size,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl RestoreBackup {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let backup = instances.backup(&self.backup)?;
        let flavor = match self.size.flavor {
            Some(flavor) => flavor,
            None => backup.flavor.parse::<Flavor>()?,
        };
        let new = self.size.instance(&self.name, flavor, backup.volume);
        tell(&instances.restore_backup(&backup, &new).await?, self.at.format).await
    }
}
