use std::path::Path;
use std::process::Command;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::backup::{Backup, BackupStatus};
use crate::instance::instances::Instances;
use crate::instance::named_instance::NamedInstance;
use crate::instance::new_instance::NewInstance;
use crate::server::program_context::ProgramContext;
use crate::state::backup_directory::{FILES, LOCK};
use crate::system::disk::{GIGABYTE, free, megabytes};
use crate::system::file_lock;

/// Unpacks a backup into an empty directory, and checks every file.
const SCRIPT: &str = include_str!("restore.sh");

impl Instances {
    /// Restores a backup into a new instance, with the same databases, users and access rules, starts the instance
    /// and leaves it running. If that fails, nothing remains.
    ///
    /// The files are checked again while they are unpacked.
    ///
    /// # Errors
    ///
    /// `Busy` if the backup is not completed yet; `Backup` if it failed or is damaged; `Full` if the volume or the
    /// disk is too small for it; `Unsupported` if its server had another major version; the errors of
    /// [`Instances::create`].
    pub async fn restore_backup(&self, backup: &Backup, new: &NewInstance) -> Result<NamedInstance> {
        let backup = backup.now()?;
        let unpacked = restorable(&backup)?;
        self.check_can_restore(&backup, new, unpacked)?;
        // Nobody can delete the backup while we hold its lock.
        let _reading = file_lock::lock_shared(&backup.directory().join(LOCK))?.ok_or_else(|| {
            Error::new(ErrorKind::Busy, format!("another process is deleting backup `{}`", backup.name))
        })?;
        let (building, record, context) = self.reserve(new).await?;
        let created = context.make_within(Duration::MAX, |data| unpack(&context, &backup, data)).await;
        let guard = created.map_err(|error| {
            let clause = format!("backup `{}` can't be unpacked, or is damaged", backup.name);
            error.notes().iter().fold(Error::new(ErrorKind::Backup, clause), |error, note| error.note(note))
        })?;
        guard.finish(file_lock::WAIT).await;
        self.complete(new, building, record, context).await
    }

    fn check_can_restore(&self, backup: &Backup, new: &NewInstance, unpacked: u64) -> Result<()> {
        self.limits().check_volume(new.volume)?;
        let short = |what: &str, available: u64| {
            let (takes, available) = (megabytes(unpacked), megabytes(available));
            let clause = format!("backup `{}` needs {takes}, and the {what} has {available}", backup.name);
            Error::new(ErrorKind::Full, clause)
        };
        let volume = new.volume.saturating_mul(GIGABYTE);
        if unpacked > volume {
            return Err(short("volume", volume).help("take a larger volume"));
        }
        let (place, version) =
            (self.state_directory.instances(), self.state_directory.installation.version()?);
        let left = free(&place)?;
        if unpacked > left {
            return Err(short("disk", left).at(Place::file(place.display().to_string())));
        }
        if version != backup.server {
            let clause = format!(
                "backup `{}` is of PostgreSQL {}, and this is PostgreSQL {version}",
                backup.name, backup.server
            );
            return Err(Error::new(ErrorKind::Unsupported, clause)
                .help(format!("set MIGRATE_PG_BIN to the programs of PostgreSQL {}", backup.server)));
        }
        Ok(())
    }
}

/// The unpacked size of a backup; an error if it can't be restored.
fn restorable(backup: &Backup) -> Result<u64> {
    match (backup.status, backup.unpacked) {
        (BackupStatus::Completed, Some(unpacked)) => Ok(unpacked),
        (BackupStatus::New | BackupStatus::Running, _) => {
            Err(Error::new(ErrorKind::Busy, format!("backup `{}` is not completed yet", backup.name))
                .help("wait for it (`cargo migrate backup wait`)"))
        }
        (BackupStatus::Completed | BackupStatus::Failed, _) => Err(backup.failed()),
    }
}

fn unpack(context: &ProgramContext, backup: &Backup, data: &Path) -> Result<Command> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", SCRIPT, "restore"]).arg(backup.directory().join(FILES)).arg(data);
    command.arg(context.installation.program("pg_verifybackup")?);
    Ok(command)
}
