use clap::Subcommand;
use embed_migrate_core::Result;

use super::create::CreateBackup;
use super::delete::DeleteBackup;
use super::list::{GetBackup, ListBackups};
use super::restore::RestoreBackup;
use super::wait::WaitForBackup;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;

/// `backup`: copies of whole instances. A backup is named by its name or its id.
#[derive(Debug, Clone, Subcommand)]
#[command(after_help = EXIT_CODES)]
pub(crate) enum Backup {
    /// Start a backup of a running instance; it continues in the background
    Create(CreateBackup),
    /// Show all backups, or those of one instance
    List(ListBackups),
    /// Show one backup
    Get(GetBackup),
    /// Create a new instance from a backup, and start its server
    Restore(RestoreBackup),
    /// Remove a backup
    Delete(DeleteBackup),
    /// Wait until a backup is completed
    Wait(WaitForBackup),
}

impl Backup {
    pub(crate) async fn run(&self, variables: &dyn Fn(&str) -> Option<String>) -> Result<()> {
        let instances = self.options().instances(variables)?;
        match self {
            Backup::Create(create) => create.run(&instances).await,
            Backup::List(list) => list.run(&instances),
            Backup::Get(get) => get.run(&instances),
            Backup::Restore(restore) => restore.run(&instances).await,
            Backup::Delete(delete) => delete.run(&instances),
            Backup::Wait(wait) => wait.run(&instances).await,
        }
    }

    pub(crate) fn options(&self) -> &InstanceOptions {
        match self {
            Backup::Create(create) => &create.options,
            Backup::List(list) => &list.options,
            Backup::Get(get) => &get.options,
            Backup::Restore(restore) => &restore.options,
            Backup::Delete(delete) => &delete.options,
            Backup::Wait(wait) => &wait.options,
        }
    }
}
