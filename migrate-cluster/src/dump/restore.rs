use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use embed_migrate_runtime::{DirectConnection, Settings};

use super::client_program::ClientProgram;
use crate::cluster::cluster::{CONFIRMS, Cluster};
use crate::program::installation::Installation;
use crate::system::account::Account;
use crate::system::file::file_error;
use crate::system::scratch;

/// Restores one database with `pg_restore` from a file that [`Dump`](crate::Dump) wrote, in one transaction.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Restore {
    installation: Installation,
    settings: Settings,
    clean: bool,
    owner: bool,
    temporary: PathBuf,
    answer_timeout: Duration,
}

impl Restore {
    /// Restores into the database in the settings, which must exist.
    pub fn new(installation: &Installation, settings: &Settings) -> Restore {
        Restore {
            installation: installation.clone(),
            settings: settings.clone(),
            clean: false,
            owner: true,
            temporary: PathBuf::from("/tmp"),
            answer_timeout: CONFIRMS,
        }
    }

    /// Drops existing objects of the dump before it creates them. Without this, an existing object is an error.
    pub fn clean(mut self) -> Restore {
        self.clean = true;
        self
    }

    /// Makes the connection's role the owner of all objects.
    pub fn no_owner(mut self) -> Restore {
        self.owner = false;
        self
    }

    /// The directory for the output of `pg_restore`; `/tmp` by default.
    pub fn temporary(mut self, directory: impl Into<PathBuf>) -> Restore {
        self.temporary = directory.into();
        self
    }

    /// How long to wait at the end for a synchronous standby; 10 s by default, 0 means no limit.
    pub fn answer_timeout(mut self, timeout: Duration) -> Restore {
        self.answer_timeout = timeout;
        self
    }

    /// Reads the file to its end, then restores it.
    ///
    /// # Errors
    ///
    /// `File` if it can't be read; `Format` if it is empty, cut off, damaged or not a dump; `Backup`, with the output
    /// of `pg_restore`, if that failed: nothing is changed then; `NotInstalled` if there is no `pg_restore`; `Node`
    /// if it is restored, but no synchronous standby confirmed it in time, or the wait for one failed.
    pub async fn read(&self, file: &Path) -> Result<()> {
        self.read_into(file, async || Ok(())).await
    }

    /// The same for a database that is created by `make`, after the file was read to its end.
    ///
    /// # Errors
    ///
    /// The errors of [`Restore::read`] and of `make`.
    pub async fn read_into(&self, file: &Path, make: impl AsyncFnOnce() -> Result<()>) -> Result<()> {
        let open = File::open(file).map_err(file_error("read", file))?;
        let file = std::path::absolute(file).map_err(file_error("find", file))?;
        let metadata = open.metadata().map_err(file_error("read", &file))?;
        if metadata.is_file() && metadata.len() == 0 {
            return Err(empty(&file));
        }
        self.run(|command| whole(command, &file)).await.map_err(|error| damaged(&file, error))?;
        make().await?;
        self.read_into_made(&file).await
    }

    /// Restores it with a commit that does not wait for a standby. The wait comes afterwards, with a limit.
    async fn read_into_made(&self, file: &Path) -> Result<()> {
        let cluster = Cluster::new(self.settings.clone()).answer_timeout(self.answer_timeout);
        let name = self.settings.database();
        let waits = waits(&cluster.connect_to(name).await?).await?;
        self.run(|command| {
            self.tell(command, file);
            if waits {
                command.env("PGOPTIONS", self.local());
            }
        })
        .await?;
        if !waits {
            return Ok(());
        }
        let done = format!("database `{name}` was restored");
        let confirmed =
            async { cluster.wait_for_standby(&cluster.connect_to(name).await?, &done).await }.await;
        confirmed.map_err(|error| unconfirmed(&done, error))
    }

    /// The connection's options, extended so that its commit waits for no standby.
    fn local(&self) -> OsString {
        let own = self.settings.variables().into_iter().find(|(name, _)| *name == "PGOPTIONS");
        let mut options = own.map(|(_, options)| options).unwrap_or_default();
        options.push(" -c synchronous_commit=local");
        options
    }

    async fn run(&self, arguments: impl FnOnce(&mut Command)) -> Result<()> {
        let scratch = scratch::make(&self.temporary, "migrate-restore-", &Account::Current)?;
        let program = ClientProgram {
            installation: &self.installation,
            settings: &self.settings,
            name: "pg_restore",
            scratch: &scratch,
        };
        let done = program.run(arguments, || Ok(())).await;
        // If the program did not start, nobody else removes the directory.
        let _ = fs::remove_dir_all(&scratch);
        done
    }

    fn tell(&self, command: &mut Command, file: &Path) {
        command.args(["--single-transaction", "--exit-on-error"]);
        if self.clean {
            command.args(["--clean", "--if-exists"]);
        }
        if !self.owner {
            command.arg("--no-owner");
        }
        // A name alone could be read as a URL or as settings.
        let name = self.settings.database().replace('\\', r"\\").replace('\'', r"\'");
        command.arg(format!("--dbname=dbname='{name}'")).arg(file);
    }
}

/// Whether a commit would wait for a standby. Our own connections have `local` if it would.
async fn waits(link: &DirectConnection) -> Result<bool> {
    const WAITS: &str = "SELECT pg_catalog.current_setting('synchronous_standby_names') <> '' AND \
        pg_catalog.current_setting('synchronous_commit') = 'local'";
    let row = link.client.query_typed_one(WAITS, &[]).await;
    row.and_then(|row| row.try_get(0)).map_err(|error| {
        Error::new(ErrorKind::Sql, "the server does not say whether commits wait for a standby")
            .caused_by(error)
    })
}

/// The error of the wait after the commit. Its kind is always `Node`: the restore itself is done.
fn unconfirmed(done: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Node => error,
        _ => Error::new(
            ErrorKind::Node,
            format!("{done} on this server, but it is unknown whether a standby has it"),
        )
        .note(error.message())
        .caused_by(error),
    }
}

fn empty(file: &Path) -> Error {
    Error::new(ErrorKind::Format, "the dump is empty: nothing was restored")
        .at(Place::file(file.display().to_string()))
        .help("copy the file again, or dump again")
}

/// Makes `pg_restore` read the whole file and write SQL to /dev/null: the end of a dump has no mark, and its table of
/// contents is at the beginning.
fn whole(command: &mut Command, file: &Path) {
    command.arg("--file=/dev/null").arg(file);
}

fn damaged(file: &Path, error: Error) -> Error {
    if error.kind() != ErrorKind::Backup {
        return error;
    }
    let is_cut = error.notes().iter().any(|note| note.contains("end of file"));
    let fault = if is_cut { "is cut off" } else { "can't be read to its end" };
    let damaged = Error::new(ErrorKind::Format, format!("the dump {fault}: nothing was restored"))
        .at(Place::file(file.display().to_string()));
    let damaged = error.notes().iter().fold(damaged, |damaged, note| damaged.note(note));
    match is_cut {
        true => damaged.help("copy the file again, or dump again"),
        false => damaged.help("`restore` reads files of `dump`, with programs that are not older than those that wrote the file; run files of `dump --plain` with psql"),
    }
}
