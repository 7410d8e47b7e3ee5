use std::fs::OpenOptions;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, Result};

use crate::system::file::{file_error, open, open_private};

/// How many lines of the log an error shows.
const LINES: usize = 20;

/// How many bytes of the log are read for them.
const BYTES: u64 = 16 * 1024;

/// The file that a server writes its messages to, from its end at the start of the server.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    start: u64,
}

/// A server's log is rotated when it is larger than this, in bytes.
pub(crate) const MOST: u64 = 10 * 1024 * 1024;

/// Renames a large log to `server.log.1`, in place of the previous one.
///
/// Nobody may be writing to it. While the server runs, its guard copies the log instead.
pub(crate) fn rotate(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(found) if found.len() > MOST => {
            let mut old = path.as_os_str().to_owned();
            old.push(".1");
            std::fs::rename(path, old).map_err(file_error("rename", path))
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(file_error("read", path)(error)),
        _ => Ok(()),
    }
}

impl Log {
    /// Creates the file if it does not exist, and remembers its end.
    pub(crate) fn open(path: PathBuf) -> Result<Log> {
        let file = open_private(OpenOptions::new().append(true), &path).map_err(file_error("open", &path))?;
        let start = file.metadata().map_err(file_error("read", &path))?.len();
        Ok(Log { path, start })
    }

    /// A log that another process writes, from its current end.
    pub(crate) fn from_now(path: PathBuf) -> Log {
        let start = path.metadata().map_or(0, |found| found.len());
        Log { path, start }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The last lines since then; empty if they can't be read.
    pub(crate) fn tail(&self) -> String {
        let text = self.read().unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
    }

    /// Adds the last lines to an error.
    pub(crate) fn explain(&self, error: Error) -> Error {
        match self.tail() {
            tail if tail.is_empty() => error,
            tail => error.note(format!("{} ends with\n{tail}", self.path.display())),
        }
    }

    fn read(&self) -> io::Result<String> {
        let mut file = open(OpenOptions::new().read(true), &self.path)?;
        let end = file.metadata()?.len();
        // A log that was rotated since is shorter than before.
        let start = if self.start > end { 0 } else { self.start };
        file.seek(SeekFrom::Start(start.max(end.saturating_sub(BYTES))))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// The last lines of a file; empty if they can't be read.
pub(crate) fn tail(path: &Path) -> String {
    Log { path: path.to_owned(), start: 0 }.tail()
}
