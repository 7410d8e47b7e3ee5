use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::file::{file_error, open, open_private};
use super::poll::PollTimer;

/// How long to wait for another process with the same lock. Under these locks, work takes milliseconds, or as long as
/// a server stops and starts.
pub(crate) const WAIT: Duration = Duration::from_secs(60);

/// Whether a process holds a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LockState {
    Free,
    Locked,
}

/// Locks a file, and creates it if it does not exist; `None` if another process holds the lock.
///
/// Only the file's owner and root can open it: a process that can open a file could lock it and make others wait. The
/// kernel releases the lock when the last process that inherited it has ended.
pub(crate) fn lock(path: &Path) -> Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    loop {
        let file = open_private(&mut options, path).map_err(file_error("open", path))?;
        match file.try_lock() {
            // The file was removed meanwhile, so that this lock protects nothing.
            Ok(()) if is_at(&file, path) => return Ok(Some(file)),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(file_error("lock", path)(error)),
        }
    }
}

/// Waits for a lock that processes hold only for moments.
pub(crate) async fn wait(path: &Path, by: &'static str) -> Result<File> {
    let mut timer = PollTimer::new(WAIT);
    loop {
        if let Some(lock) = lock(path)? {
            return Ok(lock);
        }
        if !timer.wait().await {
            return Err(Error::new(ErrorKind::Busy, format!("{by} for more than {WAIT:?}"))
                .at(Place::file(path.display().to_string())));
        }
    }
}

/// Locks a file together with other readers; `None` if a process holds it exclusively.
pub(crate) fn lock_shared(path: &Path) -> Result<Option<File>> {
    try_lock_shared(path).map_err(|(doing, error)| file_error(doing, path)(error))
}

/// The same, with the operation that failed.
fn try_lock_shared(path: &Path) -> std::result::Result<Option<File>, (&'static str, io::Error)> {
    let file = open(OpenOptions::new().read(true), path).map_err(|error| ("open", error))?;
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(("lock", error)),
    }
}

/// Looks whether a process holds the lock. Two processes that look at the same time do not see each other.
pub(crate) fn probe(path: &Path) -> Result<LockState> {
    match try_lock_shared(path) {
        Ok(Some(_)) => Ok(LockState::Free),
        Ok(None) => Ok(LockState::Locked),
        Err((_, error)) if error.kind() == io::ErrorKind::NotFound => Ok(LockState::Free),
        Err((doing, error)) => Err(file_error(doing, path)(error)),
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    let number = |found: io::Result<std::fs::Metadata>| found.map(|found| (found.dev(), found.ino())).ok();
    number(file.metadata()) == number(path.symlink_metadata())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_lock_whose_file_goes_while_it_is_looked_at_is_free() {
        let path = std::env::temp_dir().join(format!("migrate-test-flock-{}", std::process::id()));
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    std::fs::write(&path, "").unwrap();
                    std::fs::remove_file(&path).unwrap();
                }
            });
            let looked: Result<Vec<LockState>> = (0..100_000).map(|_| probe(&path)).collect();
            done.store(true, Ordering::Relaxed);
            assert!(looked.unwrap().iter().all(|held| *held == LockState::Free));
        });
        assert_eq!(probe(&path.join("none")).unwrap(), LockState::Free);
    }
}
