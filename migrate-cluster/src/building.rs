use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migrate_core::Result;

use crate::backup::{LOCK, RECORD, give_up};
use crate::backups;
use crate::file::{refused, remove};
use crate::flock::{self, Held};
use crate::pace::Pace;
use crate::scratch;
use crate::terms::Terms;

/// How long a drop may block.
const DROP: Duration = Duration::from_secs(1);

/// A directory that is becoming an instance: it goes if that fails, or if it is given up.
#[derive(Debug)]
pub(crate) struct Building {
    path: Option<PathBuf>,
}

impl Building {
    pub(crate) fn new(path: &Path) -> Building {
        Building { path: Some(path.to_owned()) }
    }

    /// Writes down that the instance is whole.
    pub(crate) fn finish(&mut self, terms: &Terms) -> Result<()> {
        if let Some(path) = &self.path {
            Terms { unfinished: false, ..terms.clone() }.write(path)?;
        }
        self.path = None;
        Ok(())
    }
}

impl Drop for Building {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            // A guard holds the lock for some milliseconds after its program has ended. What can't be removed by
            // then, the next creation removes.
            let mut pace = Pace::new(DROP);
            while clear(&path).is_ok() && path.exists() && pace.step_blocking() {}
        }
    }
}

/// Removes what is left of an instance that was not made to its end, or was discarded, unless somebody is at work
/// on it. Anything else in the directory of instances is not ours to remove.
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
    let Some(lock) = flock::take(&path.join("lock"))? else { return Ok(()) };
    // Somebody else may have made it whole before we had the lock.
    if is_left(path)? {
        crate::orphan::end(&path.join("data"))?;
        discard(path)?;
    }
    drop(lock);
    Ok(())
}

/// Removes what is left of backups that were begun by a process that was killed at once, or that were deleted, and
/// the files of those whose own process was killed.
///
/// Only for whoever holds the state directory's lock.
pub(crate) fn clear_backups(place: &Path) {
    for entry in fs::read_dir(place).into_iter().flatten().flatten() {
        let path = entry.path();
        let is_free = || flock::probe(&path.join(LOCK)).ok() == Some(Held::Free);
        // What can't be removed now, the next one removes.
        let _ = match is_discarded(&path) {
            true => remove(&path),
            false if !backups::is_id(&entry.file_name().to_string_lossy()) || !is_free() => Ok(()),
            false if path.join(RECORD).exists() => give_up(&path),
            false => discard(&path),
        };
    }
}

/// Whether its name is one that [`discard`] gives.
fn is_discarded(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.strip_prefix('.').is_some_and(|word| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit()))
}

/// Whether it says that it is unfinished, or whoever began it only just got the lock.
fn is_left(path: &Path) -> Result<bool> {
    if let Some(terms) = Terms::read(path)? {
        return Ok(terms.unfinished);
    }
    let entries = fs::read_dir(path).map_err(refused("read", path))?;
    Ok(entries.flatten().all(|entry| entry.file_name() == "lock"))
}

/// Takes a directory away at once, and then removes what is in it.
pub(crate) fn discard(path: &Path) -> Result<()> {
    let gone = path.with_file_name(format!(".{}", scratch::word()));
    fs::rename(path, &gone).map_err(refused("rename", path))?;
    remove(&gone)
}
