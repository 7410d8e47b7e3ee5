use std::fs;
use std::io::{Error, Result};
use std::path::Path;

/// The bytes of a file, and of a file only: a pipe or a device may have no end, or nobody who writes.
///
/// # Errors
///
/// It can't be read, or is something else.
pub fn read_file(path: &Path) -> Result<Vec<u8>> {
    match fs::metadata(path)?.is_file() {
        true => fs::read(path),
        false => Err(Error::other("it is not a regular file")),
    }
}
