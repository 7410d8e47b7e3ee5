use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use embed_migrate_runtime::Settings;

use super::client_program;
use super::client_program::ClientProgram;
use crate::program::installation::Installation;
use crate::system::account::Account;
use crate::system::file::{above, file_error};
use crate::system::scratch;

/// Dumps one database with `pg_dump` into a file, in the custom format. [`Restore`](crate::Restore) restores it, on
/// this server or another.
///
/// The file gets its name when it is complete, and only its owner may read it. The password is not visible in the
/// list of processes.
///
/// ```no_run
/// # async fn example() -> embed_migrate_cluster::Result<()> {
/// use embed_migrate_cluster::{Dump, Installation, Restore, Settings};
///
/// let installation = Installation::find(&|name| std::env::var(name).ok())?;
/// let settings = Settings::parse("postgresql:///registry", &|name| std::env::var(name).ok())?;
/// let bytes = Dump::new(&installation, &settings).write("registry.dump".as_ref()).await?;
/// Restore::new(&installation, &settings.with_database("copy")).read("registry.dump".as_ref()).await?;
/// # Ok(())
/// # }
/// ```
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Dump {
    installation: Installation,
    settings: Settings,
    overwrite: bool,
}

impl Dump {
    /// A dump of the database in the settings.
    pub fn new(installation: &Installation, settings: &Settings) -> Dump {
        Dump { installation: installation.clone(), settings: settings.clone(), overwrite: false }
    }

    /// Replaces an existing file, once the dump is complete.
    pub fn overwrite(mut self) -> Dump {
        self.overwrite = true;
        self
    }

    /// Writes the dump. Returns the size of the file in bytes.
    ///
    /// # Errors
    ///
    /// `Exists` if the file exists; `File` if it can't be written; `Backup`, with the output of `pg_dump`, if that
    /// failed; `NotInstalled` if there is no `pg_dump`.
    pub async fn write(&self, file: &Path) -> Result<u64> {
        if !self.overwrite && file.symlink_metadata().is_ok() {
            return Err(Error::new(ErrorKind::Exists, "there is a file of that name already")
                .at(Place::file(file.display().to_string()))
                .help("take another name, or ask to overwrite it"));
        }
        let file = std::path::absolute(file).map_err(file_error("find", file))?;
        let scratch = beside(&file)?;
        let whole = scratch.join("dump");
        let program = ClientProgram {
            installation: &self.installation,
            settings: &self.settings,
            name: "pg_dump",
            scratch: &scratch,
        };
        let arguments = |command: &mut std::process::Command| {
            command.arg("--format=custom").arg("--file").arg(&whole);
        };
        let done = program.run(arguments, || {
            let size = fs::metadata(&whole).map_err(file_error("read", &whole))?.len();
            // It may contain data that few people may see.
            fs::set_permissions(&whole, fs::Permissions::from_mode(0o600))
                .map_err(file_error("change the mode of", &whole))?;
            fs::rename(&whole, &file).map_err(file_error("rename", &file))?;
            Ok(size)
        });
        let done = done.await;
        // If the program did not start, nobody else removes the directory.
        let _ = fs::remove_dir_all(&scratch);
        done
    }
}

impl Dump {
    /// Writes the dump as SQL for `psql`, while it is created. Returns its size in bytes.
    ///
    /// After an error, the output is incomplete.
    ///
    /// # Errors
    ///
    /// `File` if it can't be written; `Backup`, with the output of `pg_dump`, if that failed; `NotInstalled` if there
    /// is no `pg_dump`.
    pub async fn plain(&self, to: impl Write + Send + 'static) -> Result<u64> {
        let mut command = client_program::command(&self.installation, &self.settings, "pg_dump")?;
        command.arg("--format=plain").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let settings = self.settings.clone();
        let copied = tokio::task::spawn_blocking(move || copy(command, to, &settings));
        copied.await.map_err(|error| Error::new(ErrorKind::Backup, "a thread ended").caused_by(error))?
    }
}

/// Runs the program and copies its output. If this process ends, the pipe is closed and the program ends.
fn copy(mut command: Command, mut to: impl Write, settings: &Settings) -> Result<u64> {
    let mut child = command.spawn().map_err(file_error("run", Path::new("pg_dump")))?;
    let (output, mut errors) = (child.stdout.take(), child.stderr.take());
    let messages = std::thread::spawn(move || {
        let mut messages = Vec::new();
        // If it can't be read, the message is shorter.
        let _ = errors.as_mut().map(|errors| errors.read_to_end(&mut messages));
        messages
    });
    let copied = output.map_or(Ok(0), |mut output| io::copy(&mut output, &mut to));
    let copied = copied.and_then(|size| to.flush().map(|()| size));
    let status = child.wait().map_err(file_error("run", Path::new("pg_dump")))?;
    let messages = messages.join().unwrap_or_default();
    match copied {
        Err(error) => Err(file_error("write", Path::new("standard output"))(error)),
        Ok(size) if status.success() => Ok(size),
        Ok(_) => Err(client_program::failed(
            "pg_dump",
            status.code(),
            settings,
            &String::from_utf8_lossy(&messages),
        )),
    }
}

/// Creates a scratch directory on the same file system as a file.
fn beside(file: &Path) -> Result<PathBuf> {
    scratch::make(above(file), ".migrate-dump-", &Account::Current)
}
