use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::install_locations;
use crate::system::environment;

const VARIABLE: &str = "MIGRATE_PG_BIN";

const HELP: &str = "install PostgreSQL's server:
Debian, Ubuntu: apt-get install postgresql
Fedora, RHEL: dnf install postgresql-server
macOS: brew install postgresql
or set MIGRATE_PG_BIN to the directory with `postgres` and `initdb`";

/// The directory with PostgreSQL's programs: `postgres` and `initdb`, perhaps client programs too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    directory: PathBuf,
}

impl Installation {
    /// Finds the server's programs in `MIGRATE_PG_BIN`, else in `pg_config --bindir`, else on `PATH`, else in the
    /// usual directories of Debian, Fedora and macOS, the highest version first.
    ///
    /// `variables` returns the values of `MIGRATE_PG_BIN` and `PATH`. The environment is not read here.
    ///
    /// # Errors
    ///
    /// `NotInstalled` if there are none, or none in `MIGRATE_PG_BIN`. Its help says what to install.
    ///
    /// ```
    /// use embed_migrate_cluster::Installation;
    ///
    /// let installation = Installation::find(&|name| std::env::var(name).ok())?;
    /// assert!(installation.version()? >= 10);
    /// assert!(installation.program("initdb")?.is_file());
    /// # Ok::<(), embed_migrate_cluster::Error>(())
    /// ```
    pub fn find(variables: &dyn Fn(&str) -> Option<String>) -> Result<Installation> {
        Installation::find_below(Path::new("/"), variables)
    }

    /// The installation of a major version: the one that [`Installation::find`] finds, or another one on this machine.
    ///
    /// # Errors
    ///
    /// `NotInstalled` if no installation has that version.
    #[doc(hidden)]
    pub fn of_version(major: u32, variables: &dyn Fn(&str) -> Option<String>) -> Result<Installation> {
        let found = Installation::find(variables)?;
        let others = install_locations::places(Path::new("/")).into_iter();
        let mut all =
            std::iter::once(found.clone()).chain(others.filter_map(|place| Installation::at(&place)));
        all.find(|installation| installation.version().is_ok_and(|version| version == major)).ok_or_else(|| {
            Error::new(ErrorKind::NotInstalled, format!("PostgreSQL {major} is not installed"))
                .at(Place::file(found.directory.display().to_string()))
                .note("a throwaway server of the database's own major version is needed: another one prints otherwise")
                .help(format!("install PostgreSQL {major}, or set MIGRATE_PG_BIN to the directory with its `postgres` and `initdb`"))
        })
    }

    fn find_below(root: &Path, variables: &dyn Fn(&str) -> Option<String>) -> Result<Installation> {
        if let Some(named) = variables(VARIABLE).filter(|named| !named.is_empty()) {
            return Installation::at(Path::new(&named)).ok_or_else(|| {
                Error::new(
                    ErrorKind::NotInstalled,
                    format!("no `postgres` and `initdb` where `{VARIABLE}` says"),
                )
                .at(Place::file(named))
                .help(HELP)
            });
        }
        let path = variables("PATH").unwrap_or_default();
        let path: Vec<PathBuf> = std::env::split_paths(&path).filter(|place| place.is_absolute()).collect();
        let configured = path.iter().find_map(|place| configured(place));
        configured
            .into_iter()
            .chain(path)
            .chain(install_locations::places(root))
            .find_map(|place| Installation::at(&place))
            .ok_or_else(|| Error::new(ErrorKind::NotInstalled, "PostgreSQL is not installed").help(HELP))
    }

    fn at(directory: &Path) -> Option<Installation> {
        let linked = directory.join("postgres").canonicalize().ok()?;
        // On `PATH` there is often only a link to `postgres`, without the other programs.
        let real = linked.parent().filter(|real| real.join("initdb").is_file());
        let directory = match real {
            Some(real) => real.to_owned(),
            None => std::path::absolute(directory).ok()?,
        };
        directory.join("initdb").is_file().then_some(Installation { directory })
    }

    /// The directory with the programs.
    #[doc(hidden)]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The path of one of PostgreSQL's programs, such as `pg_dump`.
    ///
    /// # Errors
    ///
    /// `NotInstalled` if this installation does not have it: some packages have the server's programs only.
    #[doc(hidden)]
    pub fn program(&self, name: &str) -> Result<PathBuf> {
        let program = self.directory.join(name);
        if program.is_file() {
            return Ok(program);
        }
        Err(Error::new(ErrorKind::NotInstalled, format!("this PostgreSQL has no program `{name}`"))
            .at(Place::file(self.directory.display().to_string()))
            .help(HELP))
    }

    /// The major version, such as 15, as `postgres -V` prints it.
    ///
    /// # Errors
    ///
    /// `NotInstalled` if the program does not run or prints something else.
    pub fn version(&self) -> Result<u32> {
        let program = self.directory.join("postgres");
        let fault = || {
            Error::new(ErrorKind::NotInstalled, "`postgres -V` does not print its version")
                .at(Place::file(program.display().to_string()))
                .help(HELP)
        };
        let output =
            environment::command(&program).arg("-V").output().map_err(|error| fault().caused_by(error))?;
        major(&String::from_utf8_lossy(&output.stdout)).ok_or_else(fault)
    }
}

fn configured(place: &Path) -> Option<PathBuf> {
    let output = environment::command(place.join("pg_config")).arg("--bindir").output().ok()?;
    let directory = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(directory.trim_end()))
}

/// The number in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, or in `... 19devel`.
fn major(printed: &str) -> Option<u32> {
    let (_, version) = printed.split_once("(PostgreSQL) ")?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_prints() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 19devel\n"), Some(19));
        assert_eq!(major("postgres 15.18\n"), None);
    }

    #[test]
    fn without_postgresql_it_says_what_to_install() {
        let error = Installation::find_below(Path::new("/nonexistent"), &|_| None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotInstalled);
        for part in ["apt-get install", "dnf install", "brew install", "MIGRATE_PG_BIN"] {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
}
