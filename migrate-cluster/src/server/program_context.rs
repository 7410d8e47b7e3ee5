use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use crate::program::guard::{Guard, GuardOptions, Signal};
use crate::program::installation::Installation;
use crate::program::log::Log;
use crate::state::server_directory::ServerDirectory;
use crate::system::account::Account;
use crate::system::file::{make_private, remove};

/// How long creating a cluster may take: longer than any copy of a test's cluster.
const LIMIT: Duration = Duration::from_secs(600);

/// What a program of PostgreSQL is run with: the installation, the user, the directory and its lock.
#[derive(Debug)]
pub(crate) struct ProgramContext {
    pub(crate) installation: Installation,
    pub(crate) account: Account,
    pub(crate) directory: ServerDirectory,
    pub(crate) lock: File,
    /// Whether the directory is removed when its owner ends.
    pub(crate) throwaway: bool,
    /// Whether several processes hold the server. Then it ends with the last of them.
    pub(crate) shared: bool,
}

impl ProgramContext {
    /// Starts a guard, which removes the scratch directory at its end. The program waits for [`Guard::go`].
    pub(crate) fn guard(
        &self,
        command: &Command,
        end: Signal,
        log: &Log,
        scratch: Option<&Path>,
    ) -> Result<Guard> {
        let remove = self.throwaway.then_some(self.directory.path());
        let hold_pipe = self.shared.then(|| self.directory.hold_pipe());
        let (account, lock, hold_pipe) = (&self.account, &self.lock, hold_pipe.as_deref());
        let options = GuardOptions { account, lock, log: log.path(), end, remove, scratch, hold_pipe };
        Guard::start(&options, command)
    }

    /// The server's log, from its current end.
    pub(crate) fn log(&self) -> Result<Log> {
        let log = Log::open(self.directory.log())?;
        // The directory may have existed before, and belong to root.
        self.account.give(log.path())?;
        Ok(log)
    }

    /// The command of a program of the installation.
    pub(crate) fn command(&self, program: &str) -> Result<Command> {
        Ok(Command::new(self.installation.program(program)?))
    }

    /// Creates the cluster with a program that fills an empty directory. `arguments` gets the directory.
    ///
    /// The directory gets its name when it is complete, so that a crash leaves no partial cluster. The returned guard
    /// watches over a throwaway's directory until the server's guard does.
    pub(crate) async fn make(&self, arguments: impl FnOnce(&Path) -> Result<Command>) -> Result<Guard> {
        self.make_within(LIMIT, arguments).await
    }

    /// The same with another limit.
    pub(crate) async fn make_within(
        &self,
        limit: Duration,
        arguments: impl FnOnce(&Path) -> Result<Command>,
    ) -> Result<Guard> {
        let unfinished = self.directory.unfinished();
        remove(&unfinished)?;
        make_private(&unfinished)?;
        self.account.give(&unfinished)?;
        let log = self.log()?;
        let command = arguments(&unfinished)?;
        let mut guard = self.guard(&command, Signal::Terminate, &log, Some(&unfinished))?;
        guard.go();
        match guard.ended(limit).await {
            Some(0) => {}
            status => return Err(self.failed(&command, status, &log)),
        }
        let data = self.directory.data();
        fs::rename(&unfinished, &data).map_err(crate::system::file::file_error("rename", &data))?;
        Ok(guard)
    }

    /// The error of a program that failed, or did not end in time (`None`).
    pub(crate) fn failed(&self, command: &Command, status: Option<i32>, log: &Log) -> Error {
        let program = PathBuf::from(command.get_program());
        let name = program.file_name().unwrap_or_default().display().to_string();
        let clause = match status {
            Some(code) => format!("`{name}` ended with exit status {code}"),
            None => format!("`{name}` did not end in time"),
        };
        if log.tail().contains("could not look up effective user ID") {
            return self.nameless(log);
        }
        let error = Error::new(ErrorKind::Instance, clause)
            .at(Place::file(self.directory.path().display().to_string()));
        let error = match (&self.account, status) {
            // These are the shell's: it could not run the program.
            (Account::Other { name, .. }, Some(126 | 127)) => error.help(format!(
                "user `{name}`, who runs root's servers, must be able to reach {}",
                program.display()
            )),
            _ => error,
        };
        log.explain(error)
    }

    /// `initdb` runs only as a user that the system lists.
    fn nameless(&self, log: &Log) -> Error {
        let clause = format!(
            "the server would run as user id {}, which has no name on this system",
            self.account.uid()
        );
        let error = Error::new(ErrorKind::Permission, clause).help(
            "add the user id to /etc/passwd, or run as a user that is listed there; in a container, as one of its image",
        );
        log.explain(error.at(Place::file("/etc/passwd")))
    }
}
