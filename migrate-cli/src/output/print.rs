//! The only module that writes to stdout and stderr. A reader that went away is no error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::sync::OnceLock;

use migrate_core::{Error, ErrorKind, visible};

/// Why stdout did not take the result. Whatever is under way goes on to its end: half a run would be worse.
static UNWRITTEN: OnceLock<io::Error> = OnceLock::new();

/// A line of the result.
pub(crate) fn result(line: impl Display) {
    let mut stdout = stdout().lock();
    let written = writeln!(stdout, "{}", visible(&line.to_string())).and_then(|()| stdout.flush());
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = UNWRITTEN.set(error);
    }
}

/// Why the result was not written, where it wasn't: a full disk, for example.
pub(crate) fn unwritten() -> Option<Error> {
    let error = UNWRITTEN.get()?;
    let message = format!("the result can't be written to stdout: {error}");
    Some(
        Error::new(ErrorKind::Full, message)
            .help("what the command did is done; only what it says of it is lost"),
    )
}

/// A line that the next one takes the place of, on a terminal only. Whether it is one.
pub(crate) fn fleeting(line: impl Display) -> bool {
    let mut stderr = stderr().lock();
    let terminal = stderr.is_terminal();
    if terminal {
        // To the begin of the line, and all of it gone.
        let _ = write!(stderr, "\r\x1b[2K{}", visible(&line.to_string()));
        let _ = stderr.flush();
    }
    terminal
}

/// A line about what goes on.
pub(crate) fn progress(line: impl Display) {
    let _ = writeln!(stderr(), "{}", visible(&line.to_string()));
}

/// A line of `Error::report`, in which hidden characters are visible already, and colours may be.
pub(super) fn reported(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}
