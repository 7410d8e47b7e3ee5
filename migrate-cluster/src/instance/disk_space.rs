use std::fs;
use std::path::Path;

use embed_migrate_core::{Error, ErrorKind, Result};

use super::table_rewrite::TableRewrite;
use crate::system::disk::{GIGABYTE, directory_size, free, megabytes};

/// A volume is nearly full from this percentage on.
const NEARLY: u64 = 80;

/// The disk space of an instance. Its volume is a soft limit: measured, not enforced. Commands warn when it is nearly
/// full, and refuse to rewrite a table for which it has no space.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiskSpace {
    /// The volume's size in bytes.
    pub volume: u64,
    /// The size of the cluster on the disk, in bytes: tables, indexes, write-ahead log, tablespaces.
    pub used: u64,
    /// The free space on its disk, in bytes.
    pub disk: u64,
}

impl DiskSpace {
    pub(crate) fn measure(volume: u64, data: &Path) -> Result<DiskSpace> {
        let spaces = data.join("pg_tblspc");
        let mut used = directory_size(data)?;
        for space in fs::read_dir(&spaces).into_iter().flatten().flatten() {
            // It is a link to the tablespace; in tests it is a directory, which was counted above.
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

    /// The used part in percent; more than 100 if the cluster is larger than its volume.
    pub fn percent(&self) -> u64 {
        self.used.saturating_mul(100) / self.volume.max(1)
    }

    /// A warning if 80 % of the volume are used, or if the disk has less free space than the volume promises.
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

    /// Refuses to rewrite tables in one transaction if there is not enough space.
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
            "rewriting needs {} of disk space, and {} are free",
            megabytes(needed),
            megabytes(self.left())
        );
        let error = Error::new(ErrorKind::Full, clause).help(
            "give the instance a larger volume (`cargo migrate instance resize-volume`), or free some space; \
                 `--ignore-disk-space` skips this check",
        );
        Err(rewrites.iter().fold(error, |error, rewrite| error.note(rewrite.to_string())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: u64 = 1024 * 1024;

    fn check(used: u64, disk: u64, left: u64, warning: Option<&str>) {
        let space = DiskSpace { volume: 100 * MEGABYTE, used: used * MEGABYTE, disk: disk * MEGABYTE };
        assert_eq!(space.left(), left * MEGABYTE);
        assert_eq!(space.warning().as_deref(), warning);
    }

    #[test]
    fn what_is_left_is_the_lesser_of_volume_and_disk() {
        check(10, 500, 90, None);
        check(10, 40, 40, Some("the disk has 40 MB free, and the volume promises 90 MB"));
        check(80, 500, 20, Some("the volume is 80 % full: 80 MB of 100 MB"));
        check(130, 500, 0, Some("the volume is 130 % full: 130 MB of 100 MB"));
    }
}
