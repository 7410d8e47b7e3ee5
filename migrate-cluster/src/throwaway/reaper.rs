use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embed_migrate_core::Result;

use crate::server::pid_file::PidFile;
use crate::server::{orphaned_server, shared_memory};
use crate::system::file::remove;

pub(crate) const PREFIX: &str = "migrate-throwaway-";

/// The prefix of a directory that is not locked yet.
pub(crate) const FRESH: &str = ".migrate-throwaway-";

/// From this age on, an unlocked directory is removed: its owner died in the microseconds before the lock.
const OLD: Duration = Duration::from_secs(60);

/// Removes directories of dead runs, in a thread: those whose lock is free.
///
/// They exist only if their guards were killed too.
pub(crate) fn start(base: PathBuf, user: u32) {
    // If there is no thread, the next run does it.
    let _ = std::thread::Builder::new().spawn(move || reap(&base, user));
}

fn reap(base: &Path, user: u32) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let due = name.starts_with(PREFIX) || (name.starts_with(FRESH) && is_old(&entry.path()));
        if due && is_owned_by(&entry.path(), user) {
            // The next run tries again.
            let _ = clear(&entry.path());
        }
    }
}

/// Whether the directory belongs to this user. Anybody may create a directory of such a name in a public place, and
/// root must not act on it.
pub(crate) fn is_owned_by(path: &Path, user: u32) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_dir() && found.uid() == user)
}

fn is_old(path: &Path) -> bool {
    let modified = fs::symlink_metadata(path).and_then(|found| found.modified());
    modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > OLD))
}

fn clear(path: &Path) -> Result<()> {
    let lock = match File::open(path.join("lock")) {
        Ok(file) if file.try_lock().is_err() => return Ok(()),
        opened => opened,
    };
    let data = path.join("data");
    orphaned_server::stop(&data)?;
    if let Some(file) = PidFile::read(&data)? {
        shared_memory::remove(&file);
    }
    remove(path)?;
    drop(lock);
    Ok(())
}
