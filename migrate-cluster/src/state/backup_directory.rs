use std::fs;
use std::path::Path;

use embed_migrate_core::Result;

use crate::system::file::file_error;
use crate::system::file_lock::{self, LockState};
use crate::system::record::Record;

/// The files in a backup's directory.
pub(crate) const RECORD: &str = "backup";
pub(crate) const LOCK: &str = "lock";
pub(crate) const FILES: &str = "files";
pub(crate) const SCRATCH: &str = "scratch";
pub(crate) const LOG: &str = "log";
pub(crate) const STARTED: &str = "started";
pub(crate) const VERIFYING: &str = "verifying";
pub(crate) const COMPLETED: &str = "completed";
pub(crate) const FAILED: &str = "failed";

/// Whether a process works on the backup in a directory.
pub(crate) fn is_under_way(directory: &Path) -> Result<bool> {
    Ok(file_lock::probe(&directory.join(LOCK))? == LockState::Locked && !has_ended(directory))
}

/// Whether the directory records how the backup ended.
pub(crate) fn has_ended(directory: &Path) -> bool {
    [COMPLETED, FAILED].iter().any(|end| directory.join(end).exists())
}

/// Whether a backup of an instance is being taken, from its start until it is completed or failed.
pub(crate) fn are_under_way(place: &Path, instance: &str) -> Result<bool> {
    for id in ids(place)? {
        let directory = place.join(id);
        let is_of = |record: Record| record.get("instance") == Some(instance);
        if is_under_way(&directory)? && Record::read(&directory.join(RECORD))?.is_some_and(is_of) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The ids of all backups, the oldest first.
pub(crate) fn ids(place: &Path) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for entry in fs::read_dir(place).map_err(file_error("read", place))? {
        ids.extend(entry.map_err(file_error("read", place))?.file_name().into_string());
    }
    ids.retain(|id| is_id(id));
    ids.sort();
    Ok(ids)
}

/// Whether the text has the form of a backup's id, which is its directory's name.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 16 && text.chars().all(|sign| sign.is_ascii_hexdigit())
}
