use std::fs;
use std::path::Path;

use embed_migrate_core::Result;

use super::backup::ENDED;
use crate::state::backup_directory::{FAILED, FILES, LOCK, RECORD, SCRATCH, has_ended, is_id};
use crate::system::discard::{discard, is_discarded};
use crate::system::file::remove;
use crate::system::file_lock::{self, LockState};
use crate::system::record::Record;

/// Removes the rest of deleted backups and of those whose first process was killed early. For backups whose own
/// process was killed, it removes the files.
///
/// The caller holds the state directory's lock.
pub(crate) fn clear_backups(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_free = || file_lock::probe(&path.join(LOCK)).ok() == Some(LockState::Free);
        // The next backup or instance that is created tries again.
        let _ = match is_discarded(&path) {
            true => remove(&path),
            false if !is_id(&entry.file_name().to_string_lossy()) || !is_free() => Ok(()),
            false if path.join(RECORD).exists() => give_up(&path),
            false => discard(&path),
        };
    }
}

/// Records that a backup failed because its process was killed, and removes its files.
///
/// The caller holds the state directory's lock.
fn give_up(directory: &Path) -> Result<()> {
    let Some(_lock) = file_lock::lock(&directory.join(LOCK))? else { return Ok(()) };
    if has_ended(directory) {
        return Ok(());
    }
    remove(&directory.join(FILES))?;
    remove(&directory.join(SCRATCH))?;
    Record::default().with("what", ENDED).write(&directory.join(FAILED))
}
