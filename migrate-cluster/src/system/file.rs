use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::Path;

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use rustix::fs::OFlags;

/// The mode of our files: nobody else may read or lock them.
const PRIVATE: u32 = 0o600;

/// The bits that a file may keep from the mode of the file that it replaces.
const SHARED: u32 = 0o640;

/// The error of a file operation: `can't VERB a file or directory`, with the path.
pub(crate) fn file_error(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let place = Place::file(path.display().to_string());
    move |cause| {
        Error::new(ErrorKind::File, format!("can't {verb} a file or directory")).at(place).caused_by(cause)
    }
}

/// Creates a directory that only its owner may enter; `false` if it exists.
pub(crate) fn make_private(directory: &Path) -> Result<bool> {
    match DirBuilder::new().mode(0o700).create(directory) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(false),
        Err(error) => Err(file_error("make", directory)(error)),
    }
}

/// Creates a directory and its missing parents with this mode, whatever the umask is, and with the owner of the
/// parent directory.
pub(crate) fn make_all(directory: &Path, mode: u32) -> Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    make_all(above(directory), mode)?;
    if make_private(directory)? {
        set_up(directory, mode).map_err(file_error("make", directory))?;
    }
    Ok(())
}

/// The parent of a path; the current directory for a single word.
pub(crate) fn above(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}

fn set_up(directory: &Path, mode: u32) -> io::Result<()> {
    let created = open(OpenOptions::new().read(true), directory)?;
    created.set_permissions(Permissions::from_mode(mode))?;
    give_as_above(&created, directory)
}

/// Creates a file that only its owner may open, whatever the umask is.
///
/// It belongs to the owner of the directory. If root creates a file in another user's instance, that user's server
/// and commands must be able to open it.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    let file = open(options.read(true).write(true).create_new(true).mode(PRIVATE), path)?;
    file.set_permissions(Permissions::from_mode(PRIVATE))?;
    give_as_above(&file, path)?;
    Ok(file)
}

/// Gives a file that root has just created to the owner of its directory.
fn give_as_above(created: &File, path: &Path) -> io::Result<()> {
    if !rustix::process::geteuid().is_root() {
        return Ok(());
    }
    let owner = fs::metadata(above(path))?;
    match owner.uid() == created.metadata()?.uid() {
        true => Ok(()),
        false => fchown(created, Some(owner.uid()), Some(owner.gid())),
    }
}

/// Opens a private file, and creates it if it does not exist. Older releases left it open to others: this removes
/// their rights.
pub(crate) fn open_private(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = loop {
        match open(options, path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => match create(path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            },
            opened => break opened?,
        }
    };
    let found = file.metadata()?;
    let user = rustix::process::geteuid();
    // Not a file with a second name: the directory's owner may have linked to another file.
    if found.mode() & 0o077 != 0 && found.nlink() == 1 && (user.is_root() || user.as_raw() == found.uid()) {
        file.set_permissions(Permissions::from_mode(PRIVATE))?;
    }
    Ok(file)
}

/// Replaces a file atomically: writes `unfinished`, and then renames it.
///
/// It belongs to the owner of the directory, and keeps the group and the group's rights of the file that it replaces.
pub(crate) fn replace(path: &Path, unfinished: &Path, text: &str) -> Result<()> {
    // A crash may have left one.
    remove_file(unfinished)?;
    let written = write(path, unfinished, text).and_then(|()| fs::rename(unfinished, path));
    written.map_err(|error| {
        // The first error matters more.
        let _ = fs::remove_file(unfinished);
        file_error("write", path)(error)
    })
}

fn write(path: &Path, unfinished: &Path, text: &str) -> io::Result<()> {
    let mut file = create(unfinished)?;
    file.write_all(text.as_bytes())?;
    if let Ok(before) = fs::symlink_metadata(path)
        && before.is_file()
        && (before.gid() == file.metadata()?.gid() || fchown(&file, None, Some(before.gid())).is_ok())
    {
        file.set_permissions(Permissions::from_mode(PRIVATE | (before.mode() & SHARED)))?;
    }
    file.sync_all()
}

/// Opens a file in a directory that the server's user may change. Follows no link, which could lead root to another
/// file.
pub(crate) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(path)
}

/// Removes a directory with its content. A missing directory is no error.
pub(crate) fn remove(directory: &Path) -> Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file_error("remove", directory)(error)),
        _ => Ok(()),
    }
}

/// Removes a file. A missing file is no error.
pub(crate) fn remove_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file_error("remove", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_one_word_is_in_this_directory() {
        assert_eq!(above(Path::new(".state")), Path::new("."));
        assert_eq!(above(Path::new("a/.state")), Path::new("a"));
        assert_eq!(above(Path::new("/a")), Path::new("/"));
        assert_eq!(above(Path::new("/")), Path::new("/"));
    }
}
