use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use migrate_core::Result;

use crate::file::{open, open_private, refused};

/// Whether somebody holds a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Held {
    Free,
    Taken,
}

/// Takes the lock on a file, which is made where there is none; `None` if another process has it.
///
/// Only the file's owner and root can open it: whoever can open a file can lock it, and keep all others waiting.
/// The kernel lets go of it when the last process that inherited it is dead.
pub(crate) fn take(path: &Path) -> Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    loop {
        let file = open_private(&mut options, path).map_err(refused("open", path))?;
        match file.try_lock() {
            // Whoever removed the directory meanwhile left us a lock on nothing.
            Ok(()) if is_at(&file, path) => return Ok(Some(file)),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(refused("lock", path)(error)),
        }
    }
}

/// Takes the lock together with others who only read; `None` if somebody has it alone.
pub(crate) fn share(path: &Path) -> Result<Option<File>> {
    let file = open(OpenOptions::new().read(true), path).map_err(refused("open", path))?;
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(refused("lock", path)(error)),
    }
}

/// Looks whether somebody has the lock. Two who look at the same time do not see each other.
pub(crate) fn probe(path: &Path) -> Result<Held> {
    match path.try_exists() {
        Ok(true) => {}
        Ok(false) => return Ok(Held::Free),
        Err(error) => return Err(refused("find", path)(error)),
    }
    Ok(match share(path)? {
        Some(_) => Held::Free,
        None => Held::Taken,
    })
}

fn is_at(file: &File, path: &Path) -> bool {
    let number = |found: io::Result<std::fs::Metadata>| found.map(|found| (found.dev(), found.ino())).ok();
    number(file.metadata()) == number(path.symlink_metadata())
}
