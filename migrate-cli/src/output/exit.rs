use std::process::ExitCode;

use embed_migrate_core::{Error, redact};

use super::print;
use super::problems::print_problems;

/// The end of every help text.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing to do
  1  refused or failed; stderr says why and what to do
  2  the arguments are invalid
  3  patches or facts are pending (`status --exit-code` only), there is drift (`drift`), the SQL leaves something
     out (`ddl`), or no such database (`database exists`)";

/// The outcome of a command without an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    Refused,
    Pending,
    Different,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        if let Some(error) = print::unwritten() {
            print_problems(error);
            return ExitCode::FAILURE;
        }
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Refused => ExitCode::FAILURE,
            Exit::Pending | Exit::Different => ExitCode::from(3),
        }
    }
}

/// Prints all problems of an error on stderr, and gives the exit code.
pub fn failed(error: Error) -> ExitCode {
    print_problems(error);
    Exit::Refused.into()
}

/// Prints clap's error or help, and gives the exit code. An unknown word in the message may be a connection string: its
/// password is not shown.
pub fn misunderstood(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        print::progress(redact(&error.to_string()).trim_end());
        return ExitCode::from(2);
    }
    print::result(error.to_string().trim_end());
    Exit::Done.into()
}
