use std::time::Duration;

use migrate_core::Result;

use super::instance::Instance;
use super::named_instance::Named;
use crate::cluster::running_backup::end_leftovers;
use crate::state::backup_directory::are_under_way;
use crate::system::file_lock::{self, Held};
use crate::system::poll::Pace;

/// How long what a killed backup left may take to end.
const LEFTOVERS: Duration = Duration::from_secs(20);

impl Named {
    /// Whether a backup is being taken: from when it is begun until it is completed, or failed.
    ///
    /// # Errors
    ///
    /// `File` if that can't be seen.
    pub fn is_backing_up(&self) -> Result<bool> {
        // Few have one, and many backups may be kept.
        Ok(self.is_backup_locked()? && are_under_way(&self.instances.backups(), &self.name)?)
    }

    /// Whether a backup is being taken, or what a killed one left still runs.
    pub(crate) fn is_backup_locked(&self) -> Result<bool> {
        Ok(file_lock::probe(&self.state.backup_lock())? == Held::Taken)
    }

    /// Whether a backup is being taken. Programs that outlived the shell that ran them are ended: `pg_basebackup` may
    /// leave a child that streams for ever.
    pub(crate) async fn is_being_taken(&self) -> Result<bool> {
        let mut pace = Pace::new(LEFTOVERS);
        while self.is_backup_locked()? {
            if self.is_backing_up()? {
                return Ok(true);
            }
            if let Some(instance) = Instance::attach(&self.state).await? {
                end_leftovers(&instance.client().await?).await?;
            }
            if !pace.step().await {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
