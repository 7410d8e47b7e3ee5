use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use embed_migrate_core::Result;

use super::limits::InstanceLimits;
use crate::program::installation::Installation;
use crate::system::account::Account;
use crate::system::file::{file_error, make_all};

/// Where the instances are in a state directory.
pub(crate) const INSTANCES: &str = "instances";

/// Where the backups are.
pub(crate) const BACKUPS: &str = "backups";

/// A directory with instances and backups, and everything that is needed to work on them.
#[derive(Debug, Clone)]
pub(crate) struct StateDirectory {
    pub(crate) installation: Installation,
    pub(crate) account: Account,
    pub(crate) path: PathBuf,
    pub(crate) limits: InstanceLimits,
}

impl StateDirectory {
    /// Opens a state directory, and creates it if there is none.
    pub(crate) fn open(installation: &Installation, directory: &Path) -> Result<StateDirectory> {
        let account = Account::of_new(directory);
        for part in [INSTANCES, BACKUPS] {
            create(&directory.join(part), account.directory_mode())?;
        }
        let path = directory.canonicalize().map_err(file_error("find", directory))?;
        Ok(StateDirectory {
            installation: installation.clone(),
            account,
            path,
            limits: InstanceLimits::default(),
        })
    }

    /// The directory with a directory for each instance.
    pub(crate) fn instances(&self) -> PathBuf {
        self.path.join(INSTANCES)
    }

    /// The directory with a directory for each backup.
    pub(crate) fn backups(&self) -> PathBuf {
        self.path.join(BACKUPS)
    }

    /// The file that is locked while an instance or a backup is created.
    pub(crate) fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }
}

/// Creates a directory. If it is ours and an older release left it writable for others, closes it to them.
fn create(directory: &Path, mode: u32) -> Result<()> {
    make_all(directory, mode)?;
    let found = fs::symlink_metadata(directory).map_err(file_error("read", directory))?;
    let is_own = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
    match is_own && found.mode() & 0o022 != 0 {
        true => fs::set_permissions(directory, fs::Permissions::from_mode(mode))
            .map_err(file_error("change the mode of", directory)),
        false => Ok(()),
    }
}
