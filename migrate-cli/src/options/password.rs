use std::env::{self, VarError};
use std::io;

use clap::Args;
use embed_migrate_core::{Error, ErrorKind, Result};

/// Where a password comes from: never the arguments, which every process on the machine can read.
#[derive(Debug, Clone, Args)]
// Its name is taken by the subcommand.
#[group(skip)]
pub(crate) struct PasswordSource {
    /// Read the password from the first line of stdin
    #[arg(long, conflicts_with = "password_env")]
    password_stdin: bool,
    /// Take the password from this environment variable
    #[arg(long, value_name = "VARIABLE")]
    password_env: Option<String>,
}

impl PasswordSource {
    /// The password, if a source is given.
    ///
    /// # Errors
    ///
    /// `Settings` if the variable is not set, or stdin is empty.
    pub(crate) fn read(&self) -> Result<Option<String>> {
        match &self.password_env {
            Some(variable) => from_variable(variable).map(Some),
            None if self.password_stdin => from_stdin().map(Some),
            None => Ok(None),
        }
    }
}

fn from_variable(name: &str) -> Result<String> {
    env::var(name).map_err(|error| {
        let what = match error {
            VarError::NotPresent => "is not set",
            VarError::NotUnicode(_) => "is not UTF-8",
        };
        Error::new(ErrorKind::Settings, format!("the variable `{name}` {what}"))
    })
}

fn from_stdin() -> Result<String> {
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    let read = read.map_err(|error| {
        Error::new(ErrorKind::File, "the password can't be read from stdin").caused_by(error)
    })?;
    if read == 0 {
        return Err(Error::new(ErrorKind::Settings, "there is no password on stdin"));
    }
    let line = line.strip_suffix('\n').unwrap_or(&line);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// The error for a command that needs a password.
pub(crate) fn missing() -> Error {
    Error::new(ErrorKind::Settings, "no password was given")
        .help("give it on stdin (`--password-stdin`) or in a variable (`--password-env VARIABLE`)")
}
