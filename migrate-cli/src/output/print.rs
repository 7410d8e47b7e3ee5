//! The only module that writes to stdout and stderr. A closed pipe is no error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::sync::OnceLock;

use embed_migrate_core::{Error, ErrorKind, escape_controls};

/// Why the result could not be written to stdout. The command continues all the same: half a run would be worse.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// A line of the result. Control characters could change what a terminal shows; files and pipes get them as they are.
pub(crate) fn result(line: impl Display) {
    let mut stdout = stdout().lock();
    let mut line = line.to_string();
    if stdout.is_terminal() {
        line = escape_controls(&line).into_owned();
    }
    let written = writeln!(stdout, "{line}").and_then(|()| stdout.flush());
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = UNWRITTEN.set(error);
    }
}

/// Why the result was not written, if it was not: a full disk, for example.
pub(crate) fn unwritten() -> Option<Error> {
    let error = UNWRITTEN.get()?;
    let message = format!("the result can't be written to stdout: {error}");
    Some(Error::new(ErrorKind::Full, message).help("the command did its work; only its output is lost"))
}

/// A line that the next one replaces, on a terminal only. Returns whether stderr is a terminal.
pub(crate) fn fleeting(line: impl Display) -> bool {
    let mut stderr = stderr().lock();
    let terminal = stderr.is_terminal();
    if terminal {
        // Go to the start of the line, and clear it.
        let _ = write!(stderr, "\r\x1b[2K{}", escape_controls(&line.to_string()));
        let _ = stderr.flush();
    }
    terminal
}

/// A line of progress.
pub(crate) fn progress(line: impl Display) {
    let _ = writeln!(stderr(), "{}", escape_controls(&line.to_string()));
}

/// A line of `Error::report`, in which hidden characters are visible already, and colours may be.
pub(super) fn reported(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}
