use std::time::Duration;

use embed_migrate_core::Result;

use super::backup::{Backup, BackupStatus};
use crate::cluster::running_backup::APPLICATION;
use crate::instance::instances::Instances;
use crate::state::backup_directory::VERIFYING;

/// How often the progress is read.
const STEP: Duration = Duration::from_millis(100);

/// The progress of a backup.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupProgress {
    /// The backup's status.
    pub status: BackupStatus,
    /// The phase, in the server's words (`streaming database files`), or `verifying`.
    pub phase: Option<String>,
    /// How many bytes the server has sent.
    pub done: u64,
    /// How many bytes it will send, about; `None` until it has counted them.
    pub total: Option<u64>,
}

const QUERY: &str = "
SELECT progress.phase, progress.backup_streamed, progress.backup_total
  FROM pg_catalog.pg_stat_progress_basebackup AS progress
  JOIN pg_catalog.pg_stat_activity AS activity
    ON activity.pid OPERATOR(pg_catalog.=) progress.pid
 WHERE activity.application_name OPERATOR(pg_catalog.=) $1";

impl Backup {
    /// The progress that the server reports.
    ///
    /// # Errors
    ///
    /// `NotFound` if it was deleted.
    #[doc(hidden)]
    pub async fn progress(&self) -> Result<BackupProgress> {
        let backup = self.now()?;
        let mut progress = BackupProgress { status: backup.status, phase: None, done: 0, total: None };
        if backup.status != BackupStatus::Running {
            return Ok(progress);
        }
        if self.directory().join(VERIFYING).exists() {
            progress.phase = Some("verifying".to_owned());
            return Ok(progress);
        }
        // If the server does not answer, the status from the files is enough.
        if let Some((phase, done, total)) = self.streamed().await {
            let bytes = |count: i64| u64::try_from(count).unwrap_or_default();
            progress.phase = Some(phase);
            progress.done = done.map(bytes).unwrap_or_default();
            progress.total = total.map(bytes);
        }
        Ok(progress)
    }

    async fn streamed(&self) -> Option<(String, Option<i64>, Option<i64>)> {
        let instance = Instances { state_directory: self.state_directory.clone() }
            .get(&self.instance)
            .ok()?
            .attach()
            .await
            .ok()?;
        let client = instance.client().await.ok()?;
        let name = format!("{APPLICATION}{}", self.id);
        let row = client.query_opt(QUERY, &[&name]).await.ok()??;
        Some((row.try_get(0).ok()?, row.try_get(1).ok()?, row.try_get(2).ok()?))
    }

    /// Waits until the backup has ended. Calls back after each change, the last time when it has ended.
    ///
    /// # Errors
    ///
    /// `Backup`, with the end of its log, if it failed; `NotFound` if it was deleted.
    pub async fn wait_for(&self, mut callback: impl FnMut(&BackupProgress)) -> Result<Backup> {
        let mut before = None;
        loop {
            let progress = self.progress().await?;
            if before.as_ref() != Some(&progress) {
                callback(&progress);
            }
            match progress.status {
                BackupStatus::Completed => return self.now(),
                BackupStatus::Failed => return Err(self.now()?.failed()),
                BackupStatus::New | BackupStatus::Running => {}
            }
            before = Some(progress);
            tokio::time::sleep(STEP).await;
        }
    }
}
