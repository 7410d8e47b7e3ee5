//! `backup`: a file a command, and what they print.

mod create;
mod delete;
mod list;
mod progress;
mod restore;
mod shown;
mod wait;

use clap::Subcommand;
use migrate_core::Result;

use crate::At;
use crate::exit::EXIT_CODES;

pub use create::CreateBackup;
pub(crate) use create::now;
pub use delete::DeleteBackup;
pub use list::{GetBackup, ListBackups};
pub(crate) use progress::follow;
pub use restore::RestoreBackup;
pub use wait::WaitForBackup;

/// `backup`: copies of whole instances. A backup is named by its name or its id.
#[derive(Debug, Clone, Subcommand)]
#[command(after_help = EXIT_CODES)]
pub enum Backup {
    /// Begin a backup of a running instance, which goes on in the background
    Create(CreateBackup),
    /// Show all backups, or those of one instance
    List(ListBackups),
    /// Show one backup
    Get(GetBackup),
    /// Make a new instance of a backup, and leave it running
    Restore(RestoreBackup),
    /// Remove a backup
    Delete(DeleteBackup),
    /// Wait until a backup is completed
    Wait(WaitForBackup),
}

impl Backup {
    pub(crate) async fn run(&self, variables: &dyn Fn(&str) -> Option<String>) -> Result<()> {
        let instances = self.at().instances(variables)?;
        match self {
            Backup::Create(create) => create.run(&instances).await,
            Backup::List(list) => list.run(&instances),
            Backup::Get(get) => get.run(&instances),
            Backup::Restore(restore) => restore.run(&instances).await,
            Backup::Delete(delete) => delete.run(&instances),
            Backup::Wait(wait) => wait.run(&instances).await,
        }
    }

    pub(crate) fn at(&self) -> &At {
        match self {
            Backup::Create(create) => &create.at,
            Backup::List(list) => &list.at,
            Backup::Get(get) => &get.at,
            Backup::Restore(restore) => &restore.at,
            Backup::Delete(delete) => &delete.at,
            Backup::Wait(wait) => &wait.at,
        }
    }
}
