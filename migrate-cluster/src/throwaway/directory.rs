use std::fs::{self, File};
use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::reaper::{self, FRESH, PREFIX};
use crate::program::installation::Installation;
use crate::server::profile::Profile;
use crate::server::program_context::ProgramContext;
use crate::state::server_directory::ServerDirectory;
use crate::system::account::Account;
use crate::system::file::file_error;
use crate::system::scratch;

/// Files in memory: there a cluster is created and removed many times faster than on a disk.
const MEMORY: &str = "/dev/shm";

/// The size of a cluster with some databases, in bytes. A container often has 64 MB there.
const ROOM: u64 = 200 * 1024 * 1024;

/// A new, locked directory with its context. The directories of dead runs are removed in the background.
pub(crate) fn create_context(installation: &Installation, profile: &Profile) -> Result<ProgramContext> {
    let account = Account::find();
    let base = base(&profile.temporary);
    reaper::start(base.clone(), account.uid());
    if base != Path::new(MEMORY) {
        account.check_access(&base)?;
    }
    let (directory, lock) = create(&base, &account)?;
    let installation = installation.clone();
    Ok(ProgramContext { installation, account, directory, lock, throwaway: true, shared: false })
}

fn base(temporary: &Path) -> PathBuf {
    let fits = rustix::fs::statvfs(MEMORY).is_ok_and(|file_system| {
        let free = file_system.f_bavail.saturating_mul(file_system.f_frsize);
        free >= ROOM
    });
    if fits { PathBuf::from(MEMORY) } else { temporary.to_owned() }
}

/// Creates a throwaway server's directory, and locks it before it gets the name that the reaper looks for.
fn create(base: &Path, account: &Account) -> Result<(ServerDirectory, File)> {
    let fresh = scratch::make(base, FRESH, account)?;
    let directory = ServerDirectory::existing(fresh.clone());
    let lock = directory.lock()?.ok_or_else(|| already_locked(&directory))?;
    let path = base.join(format!("{PREFIX}{}", scratch::random_word()));
    fs::rename(&fresh, &path).map_err(file_error("rename", &fresh))?;
    let path = path.canonicalize().map_err(file_error("find", &path))?;
    Ok((ServerDirectory::existing(path), lock))
}

/// The error for a locked directory that only we know.
fn already_locked(directory: &ServerDirectory) -> Error {
    Error::new(ErrorKind::Instance, "another process took the lock of a new directory")
        .at(Place::file(directory.path().display().to_string()))
}
