use clap::Args;
use embed_migrate_cluster::{Instances, NewBackup};
use embed_migrate_core::Result;

use super::description::tell;
use crate::options::instances::InstanceOptions;
use crate::output::backup_progress::follow;
use crate::output::exit::EXIT_CODES;
use crate::output::{print, utc};

/// `backup create`: starts a backup.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CreateBackup {
    /// The instance's name
    instance: String,
    /// The backup's name, of up to 64 characters (default: the time)
    #[arg(long)]
    name: Option<String>,
    /// A description
    #[arg(long, default_value = "")]
    description: String,
    /// Wait until it is completed
    #[arg(long)]
    wait: bool,
    /// Wait until it is completed, then delete the instance's older backups that were made with --keep, except the newest N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl CreateBackup {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let named = instances.get(&self.instance)?;
        let name = self.name.clone().unwrap_or_else(utc::now);
        let new = NewBackup::new(name).description(&self.description);
        let new = if self.keep.is_some() { new.rotates() } else { new };
        let mut backup = named.create_backup(&new).await?;
        if self.wait || self.keep.is_some() {
            backup = follow(&backup).await?;
        }
        tell(&backup, self.options.format);
        let keep = self.keep.and_then(|keep| usize::try_from(keep).ok());
        for deleted in keep.map(|keep| named.rotate(keep)).transpose()?.unwrap_or_default() {
            print::progress(format_args!("deleted backup {} ({})", deleted.name, deleted.id));
        }
        Ok(())
    }
}
