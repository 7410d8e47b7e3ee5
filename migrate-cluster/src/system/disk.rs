use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use embed_migrate_core::Result;

use super::file::file_error;

/// The bytes of a GB.
pub(crate) const GIGABYTE: u64 = 1024 * 1024 * 1024;

/// The size of the blocks in a file's metadata, in bytes.
const BLOCK: u64 = 512;

/// The size of a directory on the disk, in bytes. Files that disappear meanwhile, as files of a running server do,
/// count as 0.
pub(crate) fn directory_size(path: &Path) -> Result<u64> {
    let found = match path.symlink_metadata() {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(file_error("measure", path)(error)),
    };
    let own = Metadata::blocks(&found) * BLOCK;
    if !found.is_dir() {
        return Ok(own);
    }
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(own),
        Err(error) => return Err(file_error("measure", path)(error)),
    };
    entries.flatten().try_fold(own, |sum, entry| Ok(sum + directory_size(&entry.path())?))
}

/// The free space on the disk of a path, in bytes.
pub(crate) fn free(path: &Path) -> Result<u64> {
    let found = rustix::fs::statvfs(path).map_err(|error| file_error("measure", path)(error.into()))?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

/// A size in MB, as text.
pub(crate) fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1024 * 1024))
}
