use std::fs::{self, File};
use std::path::{Path, PathBuf};

use embed_migrate_core::Result;

use crate::system::account::Account;
use crate::system::file::{above, file_error, make_all, make_private};
use crate::system::file_lock;
use crate::system::file_lock::LockState;

/// The directory of sockets in an instance's directory.
pub(crate) const SOCKETS: &str = "socket";

/// The file in an instance's directory that is locked while a backup is taken.
pub(crate) const BACKUP_LOCK: &str = "backup.lock";

/// The directory of one server, and the names of its files.
///
/// The process that runs the server, and the server's guard, hold an exclusive flock on `lock`. The kernel releases
/// it when the last of them has ended. A file with a process id can't promise that.
#[derive(Debug, Clone)]
pub(crate) struct ServerDirectory {
    path: PathBuf,
}

impl ServerDirectory {
    /// Opens the directory, and creates it if it does not exist.
    pub(crate) fn open(directory: &Path, account: &Account) -> Result<ServerDirectory> {
        make_all(above(directory), account.directory_mode())?;
        let created = make_private(directory)?;
        if created {
            account.give(directory)?;
        }
        let path = directory.canonicalize().map_err(file_error("find", directory))?;
        account.check_access(&path).inspect_err(|_| {
            if created {
                // The first error matters more. An empty directory does no harm.
                let _ = fs::remove_dir(&path);
            }
        })?;
        Ok(ServerDirectory { path })
    }

    /// A directory that exists, and that the account can enter.
    pub(crate) fn existing(path: PathBuf) -> ServerDirectory {
        ServerDirectory { path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The cluster.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// The cluster while it is being created.
    pub(crate) fn unfinished(&self) -> PathBuf {
        self.path.join("data.unfinished")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("server.log")
    }

    /// The directory of the socket, unless this path is too long.
    pub(crate) fn socket(&self) -> PathBuf {
        self.path.join(SOCKETS)
    }

    /// The named pipe by which processes hold a shared server.
    pub(crate) fn hold_pipe(&self) -> PathBuf {
        self.path.join("door")
    }

    /// A file that exists while other processes may join a shared server.
    pub(crate) fn open_marker(&self) -> PathBuf {
        self.path.join("open")
    }

    /// A file that exists while a shared server stays after its run, for the databases of failed tests.
    pub(crate) fn kept_marker(&self) -> PathBuf {
        self.path.join("kept")
    }

    /// The file that is locked while a server runs, or a process works on the cluster.
    pub(crate) fn lock_file(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// The file that is locked while a process changes the instance.
    pub(crate) fn change_lock(&self) -> PathBuf {
        self.path.join("change.lock")
    }

    /// The file that is locked while a backup is taken.
    pub(crate) fn backup_lock(&self) -> PathBuf {
        self.path.join(BACKUP_LOCK)
    }

    /// Takes the instance's lock; `None` if another process runs it.
    pub(crate) fn lock(&self) -> Result<Option<File>> {
        file_lock::lock(&self.lock_file())
    }

    /// Whether a server runs, or a process works on the cluster.
    pub(crate) fn is_locked(&self) -> Result<bool> {
        Ok(file_lock::probe(&self.lock_file())? == LockState::Locked)
    }

    /// Takes the lock that shows that the server ends with this process.
    pub(crate) fn owner(&self) -> Result<Option<File>> {
        file_lock::lock(&self.path.join("owner.lock"))
    }

    /// Whether the server ends with the process that started it.
    pub(crate) fn is_owned(&self) -> Result<bool> {
        Ok(file_lock::probe(&self.path.join("owner.lock"))? == LockState::Locked)
    }
}
