use embed_migrate_core::{Error, ErrorKind, Result};

use super::backup::{Backup, BackupStatus};
use crate::instance::instances::Instances;
use crate::instance::named_instance::NamedInstance;
use crate::state::backup_directory::{ids, is_id};
use crate::state::state_directory::StateDirectory;

impl Instances {
    /// All backups, the oldest first. Those of deleted instances are included, [damaged
    /// ones](Instances::damaged_backups) are not.
    ///
    /// # Errors
    ///
    /// `File` if the directory can't be read.
    pub fn backups(&self) -> Result<Vec<Backup>> {
        read_all(&self.state_directory)
    }

    /// The backups whose record can't be read, by id, and why.
    ///
    /// # Errors
    ///
    /// `File` if the directory can't be read.
    #[doc(hidden)]
    pub fn damaged_backups(&self) -> Result<Vec<(String, Error)>> {
        let ids = ids(&self.state_directory.backups())?.into_iter();
        Ok(ids
            .filter_map(|id| Backup::read(&self.state_directory, &id).err().map(|error| (id, error)))
            .collect())
    }

    /// The backup with this id or name.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is none; `Value` if there are several; `Format` for the id of a damaged one.
    pub fn backup(&self, name: &str) -> Result<Backup> {
        let by_id = if is_id(name) { Backup::read(&self.state_directory, name)? } else { None };
        let mut found: Vec<Backup> = self.backups()?;
        found.retain(|backup| backup.name == name && backup.id != name);
        found.extend(by_id);
        match (found.pop(), found.is_empty()) {
            (None, _) => Err(Error::new(ErrorKind::NotFound, format!("there is no backup `{name}`"))
                .help("`cargo migrate backup list` shows all backups")),
            (Some(backup), true) => Ok(backup),
            (Some(backup), false) => {
                let several = found.iter().chain([&backup]);
                let ids: Vec<String> =
                    several.map(|backup| format!("`{}` of `{}`", backup.id, backup.instance)).collect();
                Err(Error::new(ErrorKind::Value, format!("`{name}` names several backups"))
                    .help(format!("take the id: {}", ids.join(", "))))
            }
        }
    }
}

impl NamedInstance {
    /// The backups of this instance, and of earlier instances with the same name, the oldest first.
    ///
    /// # Errors
    ///
    /// The errors of [`Instances::backups`].
    pub fn backups(&self) -> Result<Vec<Backup>> {
        let backups = read_all(&self.state_directory)?;
        Ok(backups.into_iter().filter(|backup| backup.instance == self.name).collect())
    }

    /// Deletes rotating backups: all completed ones but the newest `keep`, and the failed ones that are older than
    /// these. Returns the deleted ones. A backup that is being taken or restored stays.
    ///
    /// # Errors
    ///
    /// The errors of [`Instances::backups`]; `File` if one can't be removed.
    #[doc(hidden)]
    pub fn rotate(&self, keep: usize) -> Result<Vec<Backup>> {
        let rotating: Vec<Backup> = self.backups()?.into_iter().filter(|backup| backup.rotates).collect();
        let completed = |backup: &&Backup| backup.status == BackupStatus::Completed;
        let Some(oldest) = rotating.iter().rev().filter(completed).take(keep).last() else {
            return Ok(Vec::new());
        };
        let oldest = oldest.id.clone();
        let mut deleted = Vec::new();
        for backup in rotating.into_iter().filter(|backup| backup.id < oldest) {
            match backup.clone().delete() {
                Ok(()) => deleted.push(backup),
                // Another process deletes or restores it.
                Err(error) if matches!(error.kind(), ErrorKind::Busy | ErrorKind::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(deleted)
    }
}

/// All backups that can be read, the oldest first.
fn read_all(state_directory: &StateDirectory) -> Result<Vec<Backup>> {
    let ids = ids(&state_directory.backups())?;
    Ok(ids.iter().filter_map(|id| Backup::read(state_directory, id).ok().flatten()).collect())
}
