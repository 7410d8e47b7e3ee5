use std::fs;
use std::path::Path;

use migrate_core::Result;

use super::backup::ENDED;
use crate::state::backup_directory::{FAILED, FILES, LOCK, RECORD, SCRATCH, has_ended, is_id};
use crate::system::discard::{discard, is_discarded};
use crate::system::file::remove;
use crate::system::file_lock::{self, LockState};
use crate::system::record::Record;

/// Removes what is left of backups that were begun by a process that was killed at once, or that were deleted, and
/// the files of those whose own process was killed.
///
/// Only for whoever holds the state directory's lock.
pub(crate) fn clear_backups(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_free = || file_lock::probe(&path.join(LOCK)).ok() == Some(LockState::Free);
        // What can't be removed now, the next one removes.
        let _ = match is_discarded(&path) {
            true => remove(&path),
            false if !is_id(&entry.file_name().to_string_lossy()) || !is_free() => Ok(()),
            false if path.join(RECORD).exists() => give_up(&path),
            false => discard(&path),
        };
    }
}

/// Writes down that a backup failed whose process was killed, and removes what there is of it.
///
/// Only for whoever holds the state directory's lock.
fn give_up(directory: &Path) -> Result<()> {
    let Some(_lock) = file_lock::lock(&directory.join(LOCK))? else { return Ok(()) };
    if has_ended(directory) {
        return Ok(());
    }
    remove(&directory.join(FILES))?;
    remove(&directory.join(SCRATCH))?;
    Record::default().with("what", ENDED).write(&directory.join(FAILED))
}
