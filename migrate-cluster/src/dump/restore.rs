use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_core::{Error, ErrorKind, Place, Result};
use migrate_runtime::Settings;

use super::client_program::Program;
use crate::program::installation::Installation;
use crate::system::account::Account;
use crate::system::file::refused;
use crate::system::scratch;

/// Restores one database with `pg_restore` from a file that [`Dump`](crate::Dump) wrote, in one transaction: all of it
/// or nothing.
#[derive(Debug, Clone)]
pub struct Restore {
    installation: Installation,
    settings: Settings,
    clean: bool,
    owner: bool,
    temporary: PathBuf,
}

impl Restore {
    /// Restores into the database that the settings name, which must exist.
    pub fn new(installation: &Installation, settings: &Settings) -> Restore {
        Restore {
            installation: installation.clone(),
            settings: settings.clone(),
            clean: false,
            owner: true,
            temporary: PathBuf::from("/tmp"),
        }
    }

    /// Drops what the dump has and is there, before it is made again. Without this it is an error.
    pub fn clean(mut self) -> Restore {
        self.clean = true;
        self
    }

    /// Makes the connection's role the owner of everything, whoever owned it.
    pub fn no_owner(mut self) -> Restore {
        self.owner = false;
        self
    }

    /// The directory for what `pg_restore` says; `/tmp` by default.
    pub fn temporary(mut self, directory: impl Into<PathBuf>) -> Restore {
        self.temporary = directory.into();
        self
    }

    /// Restores the file, once it is known to be whole.
    ///
    /// # Errors
    ///
    /// `File` if it can't be read; `Format` if it is cut off, damaged or no dump; `Backup`, with what `pg_restore` said, if
    /// that failed: nothing is changed then; `NotInstalled` if there is no `pg_restore`.
    pub async fn read(&self, file: &Path) -> Result<()> {
        self.read_into(file, async || Ok(())).await
    }

    /// The same, into a database that is made once the file is known to be whole.
    ///
    /// # Errors
    ///
    /// Those of [`Restore::read`], and of making it.
    pub async fn read_into(&self, file: &Path, make: impl AsyncFnOnce() -> Result<()>) -> Result<()> {
        let _ = File::open(file).map_err(refused("read", file))?;
        let file = std::path::absolute(file).map_err(refused("find", file))?;
        self.run(|command| whole(command, &file)).await.map_err(|error| damaged(&file, error))?;
        make().await?;
        self.run(|command| self.tell(command, &file)).await
    }

    async fn run(&self, told: impl FnOnce(&mut Command)) -> Result<()> {
        let scratch = scratch::make(&self.temporary, "migrate-restore-", &Account::Ours)?;
        let program = Program {
            installation: &self.installation,
            settings: &self.settings,
            name: "pg_restore",
            scratch: &scratch,
        };
        let done = program.run(told, || Ok(())).await;
        // Where the program did not even start, nobody else removes it.
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
        // A name alone could be taken for a URL or for settings.
        let name = self.settings.database().replace('\\', r"\\").replace('\'', r"\'");
        command.arg(format!("--dbname=dbname='{name}'")).arg(file);
    }
}

/// Has all of a file read and written as SQL, to nowhere: its end has no mark, and its table of contents is its beginning.
fn whole(command: &mut Command, file: &Path) {
    command.arg("--file=/dev/null").arg(file);
}

fn damaged(file: &Path, error: Error) -> Error {
    if error.kind() != ErrorKind::Backup {
        return error;
    }
    let is_cut = error.notes().iter().any(|note| note.contains("end of file"));
    let fault = if is_cut { "is cut off" } else { "can't be read to its end" };
    let damaged = Error::new(ErrorKind::Format, format!("the dump {fault}: nothing of it was restored"))
        .at(Place::file(file.display().to_string()));
    let damaged = error.notes().iter().fold(damaged, |damaged, note| damaged.note(note));
    match is_cut {
        true => damaged.help("copy the file again, or dump again"),
        false => damaged.help("`restore` reads what `dump` wrote, with programs not older than those that wrote it; what `dump --plain` wrote is for psql"),
    }
}
