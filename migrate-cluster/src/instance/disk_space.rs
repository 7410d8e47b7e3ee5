use std::fs;
use std::path::Path;

use migrate_core::{Error, ErrorKind, Result};

use super::table_rewrite::TableRewrite;
use crate::system::disk::{GIGABYTE, directory_size, free, megabytes};

/// The part of a volume, in percent, from which on it is nearly full.
const NEARLY: u64 = 80;

/// How much of a volume is used. The volume is a promise, not a wall: the server may grow beyond it, so it is
/// looked at, warned about, and held against what is about to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskSpace {
    /// The volume's size in bytes.
    pub volume: u64,
    /// What the cluster takes on the disk, in bytes: tables, indexes, write-ahead log, all its tablespaces.
    pub used: u64,
    /// What is free on the disk that it is on, in bytes.
    pub disk: u64,
}

impl DiskSpace {
    pub(crate) fn measure(volume: u64, data: &Path) -> Result<DiskSpace> {
        let spaces = data.join("pg_tblspc");
        let mut used = directory_size(data)?;
        for space in fs::read_dir(&spaces).into_iter().flatten().flatten() {
            // A link to the tablespace, or in tests a directory that was counted above.
            if let Ok(target) = fs::read_link(space.path()) {
                used += directory_size(&target)?;
            }
        }
        Ok(DiskSpace { volume: volume.saturating_mul(GIGABYTE), used, disk: free(data)? })
    }

    /// How many bytes may still be written.
    pub fn left(&self) -> u64 {
        self.volume.saturating_sub(self.used).min(self.disk)
    }

    /// The part that is used, in percent; more than 100 where it outgrew its volume.
    pub fn percent(&self) -> u64 {
        self.used.saturating_mul(100) / self.volume.max(1)
    }

    /// What to warn about: a volume of which 80 % are used, or a disk that has less than the volume promises.
    pub fn warning(&self) -> Option<String> {
        let promised = self.volume.saturating_sub(self.used);
        if self.percent() >= NEARLY {
            return Some(format!(
                "the volume is {} % full: {} of {}",
                self.percent(),
                megabytes(self.used),
                megabytes(self.volume)
            ));
        }
        (self.disk < promised).then(|| {
            format!(
                "the disk has {} free, and the volume promises {}",
                megabytes(self.disk),
                megabytes(promised)
            )
        })
    }

    /// Refuses to rewrite tables in one transaction where there is not room for it.
    ///
    /// # Errors
    ///
    /// `Full`, with what each table needs.
    pub fn check(&self, rewrites: &[TableRewrite]) -> Result<()> {
        let needed: u64 = rewrites.iter().map(TableRewrite::needed).sum();
        if needed <= self.left() {
            return Ok(());
        }
        let clause = format!(
            "rewriting needs {} of room, and there are {}",
            megabytes(needed),
            megabytes(self.left())
        );
        let error = Error::new(ErrorKind::Full, clause).help(
            "give the instance a larger volume (`cargo migrate instance resize-volume`), or make room; \
                 `--ignore-room` does it all the same",
        );
        Err(rewrites.iter().fold(error, |error, rewrite| error.note(rewrite.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: u64 = 1024 * 1024;

    fn check(used: u64, disk: u64, left: u64, warning: Option<&str>) {
        let room = DiskSpace { volume: 100 * MEGABYTE, used: used * MEGABYTE, disk: disk * MEGABYTE };
        assert_eq!(room.left(), left * MEGABYTE);
        assert_eq!(room.warning().as_deref(), warning);
    }

    #[test]
    fn what_is_left_is_the_lesser_of_volume_and_disk() {
        check(10, 500, 90, None);
        check(10, 40, 40, Some("the disk has 40 MB free, and the volume promises 90 MB"));
        check(80, 500, 20, Some("the volume is 80 % full: 80 MB of 100 MB"));
        check(130, 500, 0, Some("the volume is 130 % full: 130 MB of 100 MB"));
    }
}
