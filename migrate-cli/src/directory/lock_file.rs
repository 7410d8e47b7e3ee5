use std::path::Path;

use embed_migrate_core::{Error, ErrorKind, LOCK_FILE, LockFile, Result, read_file};

use super::label::label;
use super::write;

/// The lock file's text; empty if there is none.
pub(crate) fn lock_text(path: &Path) -> Result<String> {
    let file = path.join(LOCK_FILE);
    let unreadable = |error: std::io::Error| {
        Error::new(ErrorKind::File, format!("cannot read `{}`: {error}", label(&file))).caused_by(error)
    };
    let text = |bytes| {
        String::from_utf8(bytes).map_err(|error| std::io::Error::new(std::io::ErrorKind::InvalidData, error))
    };
    match read_file(&file).and_then(text) {
        Ok(text) => Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(unreadable(error)),
    }
}

/// The lock file; an empty one if there is none.
pub(crate) fn lock_file(path: &Path) -> Result<LockFile> {
    let (file, text) = (label(&path.join(LOCK_FILE)), lock_text(path)?);
    LockFile::resolved(&file, &text)?;
    match text.is_empty() {
        true => Ok(LockFile::default()),
        false => LockFile::parse(&file, &text),
    }
}

/// Writes the lock file if its text changes. Returns whether it did.
pub(crate) fn write_lock_file(path: &Path, lock: &LockFile) -> Result<bool> {
    let text = lock.to_string();
    if lock_text(path)? == text {
        return Ok(false);
    }
    write::replace(&path.join(LOCK_FILE), &text).map(|()| true)
}
