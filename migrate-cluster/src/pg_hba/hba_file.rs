use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::block::{Block, BlockFormat};
use crate::system::file::{file_error, open, open_private, replace};
use crate::system::poll::PollTimer;

/// How long another process may keep the file locked.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// The `pg_hba.conf` of a cluster that `migrate` made.
#[derive(Debug)]
pub(crate) struct HbaFile {
    /// The cluster's directory.
    pub(crate) data: PathBuf,
    pub(crate) format: BlockFormat,
}

impl HbaFile {
    pub(crate) fn path(&self) -> PathBuf {
        self.data.join("pg_hba.conf")
    }

    pub(crate) fn text(&self) -> Result<String> {
        let path = self.path();
        let mut bytes = Vec::new();
        let file = open(OpenOptions::new().read(true), &path);
        file.and_then(|mut file| file.read_to_end(&mut bytes)).map_err(file_error("read", &path))?;
        String::from_utf8(bytes).map_err(|error| {
            let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
            let line = before.filter(|byte| **byte == b'\n').count() + 1;
            Error::new(ErrorKind::Format, "the file is not UTF-8: no rules can be written into it")
                .at(Place::file(path.display().to_string()))
                .note(format!("line {line} is not valid UTF-8"))
                .help("write that line in UTF-8")
        })
    }

    /// Replaces the file atomically.
    pub(crate) fn write(&self, text: &str) -> Result<()> {
        replace(&self.path(), &self.data.join("pg_hba.conf.new"), text)?;
        sync(&self.data)
    }

    /// The text of the file with its block in the current format; `None` if it has that format. A block that was
    /// edited by hand is left alone: the server starts with it, and the next change of hosts reports it.
    fn with_current_format(&self) -> Result<Option<String>> {
        let before = self.text()?;
        let Ok((block, rest)) = Block::split(&before) else { return Ok(None) };
        Ok(Some(block.join(&rest, self.format)).filter(|after| *after != before))
    }

    /// Locks the file against other writers. The wait blocks no thread.
    pub(crate) async fn lock(&self) -> Result<File> {
        let path = self.data.with_file_name("pg_hba.lock");
        let file = open_private(OpenOptions::new().read(true).write(true), &path);
        let file = file.map_err(file_error("open", &path))?;
        let mut timer = PollTimer::new(LOCK_TIMEOUT);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(file_error("lock", &path)(error)),
                Err(TryLockError::WouldBlock) if timer.wait().await => {}
                Err(TryLockError::WouldBlock) => {
                    let message =
                        format!("another process writes `pg_hba.conf`, for {} s now", LOCK_TIMEOUT.as_secs());
                    return Err(
                        Error::new(ErrorKind::Locked, message).at(Place::file(path.display().to_string()))
                    );
                }
            }
        }
    }
}

/// Updates the block of a server that is about to start to the current format: older releases had another one, and
/// the format depends on whether other machines can reach the server.
pub(crate) async fn update_block(data: &Path, open: bool) -> Result<()> {
    let version = fs::read_to_string(data.join("PG_VERSION")).unwrap_or_default();
    let server = version.trim().parse::<i32>().unwrap_or_default().saturating_mul(10_000);
    let file = HbaFile { data: data.to_owned(), format: BlockFormat { server, open } };
    // In most cases there is nothing to do. The server may accept a file that can't be read here, such as one that is
    // not UTF-8.
    if !file.path().is_file() || !matches!(file.with_current_format(), Ok(Some(_))) {
        return Ok(());
    }
    let _lock = file.lock().await?;
    file.with_current_format()?.map_or(Ok(()), |after| file.write(&after))
}

fn sync(directory: &Path) -> Result<()> {
    File::open(directory).and_then(|directory| directory.sync_all()).map_err(file_error("write", directory))
}
