use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use migrate_core::{Error, ErrorKind, Place, Result};
use migrate_runtime::Settings;

use crate::Installation;
use crate::account::Account;
use crate::file::{above, refused};
use crate::program::Program;
use crate::scratch;

/// Dumps one database with `pg_dump` into a file, in its custom format, from which [`Restore`](crate::Restore) makes it
/// again, on this server or another.
///
/// The file gets its name when it is whole, and only its owner may read it. The password does not show in the list of processes.
///
/// ```no_run
/// # async fn example() -> migrate_cluster::Result<()> {
/// use migrate_cluster::{Dump, Installation, Restore, Settings};
///
/// let installation = Installation::find(&|name| std::env::var(name).ok())?;
/// let settings = Settings::parse("postgresql:///registry", &|name| std::env::var(name).ok())?;
/// let bytes = Dump::new(&installation, &settings).write("registry.dump".as_ref()).await?;
/// Restore::new(&installation, &settings.with_database("copy")).read("registry.dump".as_ref()).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Dump {
    installation: Installation,
    settings: Settings,
    overwrite: bool,
}

impl Dump {
    /// A dump of the database that the settings name.
    pub fn new(installation: &Installation, settings: &Settings) -> Dump {
        Dump { installation: installation.clone(), settings: settings.clone(), overwrite: false }
    }

    /// Puts the dump in the place of a file that is there, once it is whole.
    pub fn overwrite(mut self) -> Dump {
        self.overwrite = true;
        self
    }

    /// Writes the dump, and gives the file's size in bytes.
    ///
    /// # Errors
    ///
    /// `Exists` if the file is there; `File` if it can't be written; `Backup`, with what `pg_dump` said, if that failed;
    /// `NotInstalled` if there is no `pg_dump`.
    pub async fn write(&self, file: &Path) -> Result<u64> {
        if !self.overwrite && file.symlink_metadata().is_ok() {
            return Err(Error::new(ErrorKind::Exists, "there is a file of that name already")
                .at(Place::file(file.display().to_string()))
                .help("take another name, or ask to overwrite it"));
        }
        let file = std::path::absolute(file).map_err(refused("find", file))?;
        let scratch = beside(&file)?;
        let whole = scratch.join("dump");
        let program = Program {
            installation: &self.installation,
            settings: &self.settings,
            name: "pg_dump",
            scratch: &scratch,
        };
        let told = |command: &mut std::process::Command| {
            command.arg("--format=custom").arg("--file").arg(&whole);
        };
        let done = program.run(told, || {
            let size = fs::metadata(&whole).map_err(refused("read", &whole))?.len();
            // It may hold what few may see.
            fs::set_permissions(&whole, fs::Permissions::from_mode(0o600))
                .map_err(refused("change the mode of", &whole))?;
            fs::rename(&whole, &file).map_err(refused("rename", &file))?;
            Ok(size)
        });
        let done = done.await;
        // Where the program did not even start, nobody else removes it.
        let _ = fs::remove_dir_all(&scratch);
        done
    }
}

/// Makes a directory on the same file system as a file.
fn beside(file: &Path) -> Result<PathBuf> {
    scratch::make(above(file), ".migrate-dump-", &Account::Ours)
}
