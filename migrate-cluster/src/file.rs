use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use migrate_core::{Error, ErrorKind, Place, Result};
use rustix::fs::OFlags;

/// The error of a file operation: `can't VERB it`, at the file.
pub(crate) fn refused(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let place = Place::file(path.display().to_string());
    move |cause| {
        Error::new(ErrorKind::File, format!("can't {verb} a file or directory")).at(place).caused_by(cause)
    }
}

/// Makes a directory that only its owner may enter, where there is none yet; `true` if it was made.
pub(crate) fn make_private(directory: &Path) -> Result<bool> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(false),
        Err(error) => Err(refused("make", directory)(error)),
    }
}

/// Opens a file in a directory that the server's user may change, and no other file by way of a link:
/// root must not be led astray.
pub(crate) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)
}

/// Removes a directory and what is in it; none there is no error.
pub(crate) fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("remove", directory)(error)),
        _ => Ok(()),
    }
}

/// Removes a file; none there is no error.
pub(crate) fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(refused("remove", path)(error)),
        _ => Ok(()),
    }
}
