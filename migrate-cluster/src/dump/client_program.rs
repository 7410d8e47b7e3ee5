use std::fs::File;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::Settings;

use crate::program::guard::{Guard, GuardOptions, Signal};
use crate::program::installation::Installation;
use crate::program::log::Log;
use crate::system::account::Account;
use crate::system::environment;
use crate::system::file::file_error;

/// How long removing a directory may take.
const REMOVAL: Duration = Duration::from_secs(10);

/// A client program of PostgreSQL that works on a database, in a scratch directory.
///
/// It ends when this process ends, for whatever reason, and its directory is removed.
pub(crate) struct ClientProgram<'a> {
    pub(crate) installation: &'a Installation,
    pub(crate) settings: &'a Settings,
    pub(crate) name: &'a str,
    pub(crate) scratch: &'a Path,
}

impl ClientProgram<'_> {
    /// Runs it until it ends, then calls `then` while the directory is still there.
    pub(crate) async fn run<T>(
        &self,
        arguments: impl FnOnce(&mut Command),
        then: impl FnOnce() -> Result<T>,
    ) -> Result<T> {
        let account = Account::Current;
        let lock = File::open("/dev/null").map_err(file_error("open", Path::new("/dev/null")))?;
        let log = Log::open(self.scratch.join("log"))?;
        let mut command = command(self.installation, self.settings, self.name)?;
        arguments(&mut command);
        let options = GuardOptions {
            account: &account,
            lock: &lock,
            log: log.path(),
            end: Signal::Terminate,
            remove: None,
            scratch: Some(self.scratch),
            hold_pipe: None,
        };
        let mut guard = Guard::start(&options, &command)?;
        guard.go();
        let status = guard.ended(Duration::MAX).await;
        let done = match status {
            Some(0) => then(),
            status => Err(failed(self.name, status, self.settings, &log.tail())),
        };
        guard.finish(REMOVAL).await;
        done
    }
}

/// The command. The connection settings are in variables: every user can see arguments.
pub(crate) fn command(installation: &Installation, settings: &Settings, name: &str) -> Result<Command> {
    let mut command = Command::new(installation.program(name)?);
    // libpq looks here for the authorities of `sslrootcert=system`.
    environment::hand_on(&mut command, &["SSL_CERT_DIR", "SSL_CERT_FILE"]);
    command.envs(settings.variables()).arg("--no-password");
    Ok(command)
}

pub(crate) fn failed(name: &str, status: Option<i32>, settings: &Settings, messages: &str) -> Error {
    let status = status.map_or("no".to_owned(), |status| status.to_string());
    let error = Error::new(ErrorKind::Backup, format!("`{name}` ended with exit status {status}"));
    let error = error.context(format!("while working on {settings}"));
    match messages.trim_end() {
        "" => error,
        messages => error.note(format!("it said\n{messages}")),
    }
}
