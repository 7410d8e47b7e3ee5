use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use embed_migrate_core::{Error, ErrorKind, Result};

use super::label::label;

/// Replaces a file atomically: a reader never sees half of it.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // A dotfile, which the reader of a bundle ignores if it is left behind.
    let temporary = path.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = fill(File::create(&temporary), text).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        // The first failure is the one to report.
        let _ = fs::remove_file(&temporary);
        refused(path, error)
    })
}

/// Writes a new file.
pub(crate) fn create(path: &Path, text: &str) -> Result<()> {
    fill(OpenOptions::new().write(true).create_new(true).open(path), text)
        .map_err(|error| refused(path, error))
}

fn fill(file: io::Result<File>, text: &str) -> io::Result<()> {
    let mut file = file?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

pub(crate) fn refused(path: &Path, error: io::Error) -> Error {
    Error::new(ErrorKind::File, format!("cannot write `{}`: {error}", label(path))).caused_by(error)
}
