use std::fs;
use std::io::{Error, Result};
use std::path::Path;

/// The bytes of a regular file. A pipe or a device is refused: it may never end, or have no writer.
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
