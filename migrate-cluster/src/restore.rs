use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_core::Result;
use migrate_runtime::Settings;

use crate::Installation;
use crate::account::Account;
use crate::file::refused;
use crate::program::Program;
use crate::scratch;

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

    /// Restores the file.
    ///
    /// # Errors
    ///
    /// `File` if it can't be read; `Backup`, with what `pg_restore` said, if that failed: nothing is changed then;
    /// `NotInstalled` if there is no `pg_restore`.
    pub async fn read(&self, file: &Path) -> Result<()> {
        let _ = File::open(file).map_err(refused("read", file))?;
        let file = std::path::absolute(file).map_err(refused("find", file))?;
        let scratch = scratch::make(&self.temporary, "migrate-restore-", &Account::Ours)?;
        let program = Program {
            installation: &self.installation,
            settings: &self.settings,
            name: "pg_restore",
            scratch: &scratch,
        };
        let done = program.run(|command| self.tell(command, &file), || Ok(())).await;
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
