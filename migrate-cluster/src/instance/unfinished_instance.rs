use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embed_migrate_core::Result;

use super::instance_record::InstanceRecord;
use crate::system::discard::{discard, is_discarded};
use crate::system::file::{file_error, remove};
use crate::system::file_lock;
use crate::system::poll::PollTimer;

/// How long dropping it may block.
const DROP: Duration = Duration::from_secs(1);

/// A directory that is becoming an instance. It is removed if that fails or is abandoned.
#[derive(Debug)]
pub(crate) struct UnfinishedInstance {
    path: Option<PathBuf>,
}

impl UnfinishedInstance {
    pub(crate) fn new(path: &Path) -> UnfinishedInstance {
        UnfinishedInstance { path: Some(path.to_owned()) }
    }

    /// Records that the instance is complete.
    pub(crate) fn finish(&mut self, record: &InstanceRecord) -> Result<()> {
        if let Some(path) = &self.path {
            InstanceRecord { unfinished: false, ..record.clone() }.write(path)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for UnfinishedInstance {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            // A guard holds the lock for some milliseconds after its program has ended. If the removal fails until
            // then, the next creation removes the directory.
            let mut timer = PollTimer::new(DROP);
            while clear(&path).is_ok() && path.exists() && timer.wait_blocking() {}
        }
    }
}

/// Removes the rest of an instance whose creation was interrupted, or that was discarded, unless a process works on
/// it. Other files in the directory of instances are left alone.
pub(crate) fn clear(path: &Path) -> Result<()> {
    if !path.is_dir() || path.is_symlink() {
        return Ok(());
    }
    if is_discarded(path) {
        return remove(path);
    }
    if !is_left(path)? {
        return Ok(());
    }
    let Some(lock) = file_lock::lock(&path.join("lock"))? else { return Ok(()) };
    // Another process may have completed it before we had the lock.
    if is_left(path)? {
        crate::server::orphaned_server::stop(&path.join("data"))?;
        discard(path)?;
    }
    drop(lock);
    Ok(())
}

/// Whether its record says that it is unfinished, or it has only a lock file yet.
fn is_left(path: &Path) -> Result<bool> {
    if let Some(record) = InstanceRecord::read(path)? {
        return Ok(record.unfinished);
    }
    let entries = fs::read_dir(path).map_err(file_error("read", path))?;
    Ok(entries.flatten().all(|entry| entry.file_name() == "lock"))
}
