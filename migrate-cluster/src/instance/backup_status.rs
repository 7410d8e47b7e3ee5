use std::time::Duration;

use embed_migrate_core::Result;

use super::instance::Instance;
use super::named_instance::NamedInstance;
use crate::cluster::running_backup::end_leftovers;
use crate::state::backup_directory::are_under_way;
use crate::system::file_lock::{self, LockState};
use crate::system::poll::PollTimer;

/// How long the programs of a killed backup may take to end.
const LEFTOVERS: Duration = Duration::from_secs(20);

impl NamedInstance {
    /// Whether a backup is being taken, from its start until it is completed or failed.
    ///
    /// # Errors
    ///
    /// `File` if a file can't be read.
    #[doc(hidden)]
    pub fn is_backing_up(&self) -> Result<bool> {
        // The lock is checked first: there may be many backups.
        Ok(self.is_backup_locked()? && are_under_way(&self.state_directory.backups(), &self.name)?)
    }

    /// Whether a backup is being taken, or programs of a killed one still run.
    pub(crate) fn is_backup_locked(&self) -> Result<bool> {
        Ok(file_lock::probe(&self.directory.backup_lock())? == LockState::Locked)
    }

    /// Whether a backup is being taken. Ends programs that outlived their shell: `pg_basebackup` may leave a child
    /// that streams for ever.
    pub(crate) async fn is_being_taken(&self) -> Result<bool> {
        let mut timer = PollTimer::new(LEFTOVERS);
        while self.is_backup_locked()? {
            if self.is_backing_up()? {
                return Ok(true);
            }
            if let Some(instance) = Instance::attach(&self.directory).await? {
                end_leftovers(&instance.client().await?).await?;
            }
            if !timer.wait().await {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
