use std::fs;
use std::path::PathBuf;

use migrate_core::{Error, ErrorKind, Result};

use crate::file::refused;
use crate::{Backup, BackupStatus, Instances, Named};

impl Instances {
    pub(crate) fn backups_place(&self) -> PathBuf {
        self.directory.join("backups")
    }

    /// All backups, the oldest first, those of deleted instances included.
    ///
    /// # Errors
    ///
    /// `File` if they can't be read; `Format` if what one says of itself can't be understood.
    pub fn backups(&self) -> Result<Vec<Backup>> {
        let place = self.backups_place();
        let entries = fs::read_dir(&place).map_err(refused("read", &place))?;
        let mut ids: Vec<String> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|id| is_id(id))
            .collect();
        ids.sort();
        ids.iter().filter_map(|id| Backup::read(self, id).transpose()).collect()
    }

    /// The backup of this id, or of this name.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is none; `Value` if several instances have one of this name.
    pub fn backup(&self, name: &str) -> Result<Backup> {
        if is_id(name)
            && let Some(backup) = Backup::read(self, name)?
        {
            return Ok(backup);
        }
        let mut found: Vec<Backup> =
            self.backups()?.into_iter().filter(|backup| backup.name == name).collect();
        match (found.pop(), found.is_empty()) {
            (None, _) => Err(Error::new(ErrorKind::NotFound, format!("there is no backup `{name}`"))
                .help("`cargo migrate backup list` shows which there are")),
            (Some(backup), true) => Ok(backup),
            (Some(backup), false) => {
                let several = found.iter().chain([&backup]);
                let ids: Vec<String> =
                    several.map(|backup| format!("`{}` of `{}`", backup.id, backup.instance)).collect();
                Err(Error::new(ErrorKind::Value, format!("`{name}` is the name of several backups"))
                    .help(format!("take the id: {}", ids.join(", "))))
            }
        }
    }
}

impl Named {
    /// The backups of this instance, and of those that had its name before, the oldest first.
    ///
    /// # Errors
    ///
    /// Those of [`Instances::backups`].
    pub fn backups(&self) -> Result<Vec<Backup>> {
        let backups = self.instances.backups()?;
        Ok(backups.into_iter().filter(|backup| backup.instance == self.name).collect())
    }

    /// Deletes all but the newest `keep` completed ones of those backups that rotate, and the failed ones that are
    /// older than these; gives what was deleted. One that is being taken or restored is let be.
    ///
    /// # Errors
    ///
    /// Those of [`Instances::backups`]; `File` if one can't be removed.
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
                // Another process deletes it, or makes an instance of it.
                Err(error) if matches!(error.kind(), ErrorKind::Busy | ErrorKind::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(deleted)
    }
}

/// Whether it is a backup's id, and thus its directory's name.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() == 16 && text.chars().all(|sign| sign.is_ascii_hexdigit())
}
