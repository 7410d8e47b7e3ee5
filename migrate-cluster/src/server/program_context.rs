use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use migrate_core::{Error, ErrorKind, Place, Result};

use crate::program::guard::{Guard, GuardOptions, Signal};
use crate::program::installation::Installation;
use crate::program::log::Log;
use crate::state::server_directory::ServerDirectory;
use crate::system::account::Account;
use crate::system::file::{make_private, remove};

/// How long making a cluster may take: longer than any copy of a test's cluster.
const LIMIT: Duration = Duration::from_secs(600);

/// Everything that a program of PostgreSQL is run with: the programs, the user, the directory, its lock.
#[derive(Debug)]
pub(crate) struct ProgramContext {
    pub(crate) installation: Installation,
    pub(crate) account: Account,
    pub(crate) directory: ServerDirectory,
    pub(crate) lock: File,
    /// Whether the directory goes when its owner does.
    pub(crate) throwaway: bool,
    /// Whether other processes may hold its server too, which ends with the last of them.
    pub(crate) shared: bool,
}

impl ProgramContext {
    /// Starts a guard, which removes the scratch directory in the end; the program waits for [`Guard::go`].
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

    /// The server's log, marked at its present end.
    pub(crate) fn log(&self) -> Result<Log> {
        let log = Log::open(self.directory.log())?;
        // The directory may be root's: one that was there before.
        self.account.give(log.path())?;
        Ok(log)
    }

    /// A program of the installation that is to run here.
    pub(crate) fn command(&self, program: &str) -> Result<Command> {
        Ok(Command::new(self.installation.program(program)?))
    }

    /// Makes the cluster with a program that fills an empty directory, and that is told which one by `told`.
    ///
    /// The directory gets its name when it is whole, so that a crash half-way leaves nothing half-made. The
    /// guard that comes back keeps watch over a throwaway's directory until the server's guard does.
    pub(crate) async fn make(&self, arguments: impl FnOnce(&Path) -> Result<Command>) -> Result<Guard> {
        self.make_within(LIMIT, arguments).await
    }

    /// The same with a limit of one's own.
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

    /// The error of a program that ended too soon, or not in time (`None`).
    pub(crate) fn failed(&self, command: &Command, status: Option<i32>, log: &Log) -> Error {
        let program = PathBuf::from(command.get_program());
        let name = program.file_name().unwrap_or_default().display().to_string();
        let clause = match status {
            Some(code) => format!("`{name}` ended with exit status {code}"),
            None => format!("`{name}` was not done in time"),
        };
        if log.tail().contains("could not look up effective user ID") {
            return self.nameless(log);
        }
        let error = Error::new(ErrorKind::Instance, clause)
            .at(Place::file(self.directory.path().display().to_string()));
        let error = match (&self.account, status) {
            // The shell's own: it could not run the program.
            (Account::Other { name, .. }, Some(126 | 127)) => error.help(format!(
                "user `{name}`, as whom root's servers run, must be able to reach {}",
                program.display()
            )),
            _ => error,
        };
        log.explain(error)
    }

    /// `initdb` runs only as a user whom the system lists, whatever it is told.
    fn nameless(&self, log: &Log) -> Error {
        let clause = format!(
            "the user that the server is to run as, number {}, has no name on this system",
            self.account.uid()
        );
        let error = Error::new(ErrorKind::Permission, clause).help(
            "give the number a line in /etc/passwd, or run as a user who has one; in a container, as one that its image has",
        );
        log.explain(error.at(Place::file("/etc/passwd")))
    }
}
