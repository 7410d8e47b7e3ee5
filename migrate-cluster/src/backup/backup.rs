use std::fmt;
use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, ErrorKind, Result};

use crate::program::log::tail;
use crate::state::backup_directory::{COMPLETED, FAILED, LOCK, LOG, RECORD, STARTED};
use crate::state::state_directory::StateDirectory;
use crate::system::discard::discard;
use crate::system::file_lock;
use crate::system::file_lock::LockState;
use crate::system::record::Record;

/// A copy of a whole instance, with its databases and users. A new instance can be made from it.
///
/// It is taken with `pg_basebackup` and compressed. It counts as completed when it has been unpacked once and checked
/// with `pg_verifybackup`. It stays when its instance is deleted. The fields have the values of the moment when the
/// backup was read.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Backup {
    pub(crate) state_directory: StateDirectory,
    /// Its id: 16 hexadecimal digits, in the order of time.
    pub id: String,
    /// Its name. No other backup of the same instance has it.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The name of the instance.
    pub instance: String,
    /// The name of the instance's flavor at that time.
    pub flavor: String,
    /// The size of the instance's volume at that time, in GB.
    pub volume: u64,
    /// The major version of the server.
    pub server: u32,
    /// When it was started, in seconds since 1970.
    pub created: u64,
    /// Whether [`NamedInstance::rotate`](crate::NamedInstance::rotate) may delete it.
    pub rotates: bool,
    /// Its status.
    pub status: BackupStatus,
    /// When it was completed, in seconds since 1970.
    pub ended: Option<u64>,
    /// Its size in bytes.
    pub size: Option<u64>,
    /// The size in bytes of an instance that is restored from it.
    pub unpacked: Option<u64>,
    /// Why it failed.
    pub failure: Option<String>,
}

/// The status of a backup.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BackupStatus {
    /// It was requested, and has not started yet.
    New,
    /// It is being taken or checked.
    Running,
    /// It is complete and was checked.
    Completed,
    /// It ended before it was complete. Only the reason is left of it.
    Failed,
}

/// `NEW`, `RUNNING`, `COMPLETED`, `FAILED`.
impl fmt::Display for BackupStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BackupStatus::New => "NEW",
            BackupStatus::Running => "RUNNING",
            BackupStatus::Completed => "COMPLETED",
            BackupStatus::Failed => "FAILED",
        })
    }
}

/// The reason of a failure that nobody could write down.
pub(crate) const ENDED: &str = "the process that took it was killed";

impl Backup {
    /// Reads a backup's directory and changes nothing there. `None` if there is no backup.
    pub(crate) fn read(state_directory: &StateDirectory, id: &str) -> Result<Option<Backup>> {
        let directory = state_directory.backups().join(id);
        let path = directory.join(RECORD);
        let Some(record) = Record::read(&path)? else { return Ok(None) };
        let text = |key: &str| record.get(key).unwrap_or_default().to_owned();
        let mut backup = Backup {
            state_directory: state_directory.clone(),
            id: id.to_owned(),
            name: record.value("name", &path)?,
            description: text("description"),
            instance: record.value("instance", &path)?,
            flavor: record.value("flavor", &path)?,
            volume: record.value("volume", &path)?,
            server: record.value("server", &path)?,
            created: record.value("created", &path)?,
            rotates: record.get("rotates").is_some(),
            status: BackupStatus::New,
            ended: None,
            size: None,
            unpacked: None,
            failure: None,
        };
        backup.read_status(&directory)?;
        Ok(Some(backup))
    }

    /// Reads the status: whether a process works on the backup, and if none does, how it ended.
    fn read_status(&mut self, directory: &Path) -> Result<()> {
        if file_lock::probe(&directory.join(LOCK))? == LockState::Locked {
            let has_begun = directory.join(STARTED).exists();
            self.status = if has_begun { BackupStatus::Running } else { BackupStatus::New };
            return Ok(());
        }
        if self.read_end(directory)? {
            return Ok(());
        }
        self.status = BackupStatus::Failed;
        self.failure = Some(ENDED.to_owned());
        Ok(())
    }

    fn read_end(&mut self, directory: &Path) -> Result<bool> {
        let path = directory.join(COMPLETED);
        if let Some(record) = Record::read(&path)? {
            let bytes = |key: &str| record.value::<u64>(key, &path).map(|kilobytes| kilobytes * 1024);
            self.status = BackupStatus::Completed;
            self.ended = Some(record.value("at", &path)?);
            self.size = Some(bytes("size")?);
            self.unpacked = Some(bytes("unpacked")?);
            return Ok(true);
        }
        let Some(record) = Record::read(&directory.join(FAILED))? else { return Ok(false) };
        self.status = BackupStatus::Failed;
        self.failure = record.get("what").map(str::to_owned);
        Ok(true)
    }

    /// The backup's directory: the archives are in `files`, the output of the programs is in `log`.
    #[doc(hidden)]
    pub fn directory(&self) -> PathBuf {
        self.state_directory.backups().join(&self.id)
    }

    /// Reads the backup again.
    ///
    /// # Errors
    ///
    /// `NotFound` if it was deleted.
    #[doc(hidden)]
    pub fn now(&self) -> Result<Backup> {
        Backup::read(&self.state_directory, &self.id)?.ok_or_else(|| self.absent())
    }

    fn absent(&self) -> Error {
        Error::new(ErrorKind::NotFound, format!("backup `{}` was deleted", self.name))
    }

    /// Deletes the backup and its files.
    ///
    /// # Errors
    ///
    /// `Busy` while it is being taken or restored; `NotFound` if it was deleted.
    pub fn delete(self) -> Result<()> {
        let now = self.now()?;
        let busy = |what| {
            Error::new(ErrorKind::Busy, format!("backup `{}` can't be deleted while it is {what}", self.name))
        };
        match now.status {
            BackupStatus::New | BackupStatus::Running => return Err(busy("taken")),
            BackupStatus::Completed | BackupStatus::Failed => {}
        }
        let directory = self.directory();
        let lock = file_lock::lock(&directory.join(LOCK))?.ok_or_else(|| busy("restored"))?;
        discard(&directory)?;
        drop(lock);
        Ok(())
    }

    /// The error for a failed backup.
    pub(crate) fn failed(&self) -> Error {
        let reason = self.failure.as_deref().unwrap_or(ENDED);
        let error = Error::new(ErrorKind::Backup, format!("backup `{}` failed: {reason}", self.name));
        let path = self.directory().join(LOG);
        match tail(&path) {
            text if text.is_empty() => error,
            text => error.note(format!("{} ends with\n{text}", path.display())),
        }
    }
}
