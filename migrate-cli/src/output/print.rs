//! The only module that writes to stdout and stderr. A reader that went away is no error.

use std::error::Error as _;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write, stderr, stdout};
use std::sync::OnceLock;

use migrate_core::{Error, ErrorKind, redact, visible};

/// How many problems are told, and the last one besides.
const MOST: usize = 100;

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

/// Every problem of an error, each with what caused it, unless it says so itself.
pub(crate) fn problems(error: Error) {
    let problems = error.split();
    let last = problems.len().saturating_sub(1);
    for (index, problem) in problems.iter().enumerate() {
        if index + 1 == MOST && index < last {
            progress(format_args!("\nand {} more problems", last - index));
        }
        // The last one may sum them up.
        if index + 1 >= MOST && index < last {
            continue;
        }
        let space = if index == 0 { "" } else { "\n" };
        let text = problem.to_string();
        progress(format_args!("{space}error: {text}"));
        let mut cause = problem.source();
        while let Some(error) = cause {
            // What the server said was told above, with its detail and hint.
            if error
                .downcast_ref::<tokio_postgres::Error>()
                .is_some_and(|error| error.as_db_error().is_some())
            {
                break;
            }
            let clause = redact(&error.to_string()).into_owned();
            if !is_told(problem, error) && !says(&text, &clause) {
                progress(format_args!("  caused by: {clause}"));
            }
            cause = error.source();
        }
    }
}

/// Whether it is a client's error, which says no more than that there is a reason, or one that the problem has in other words.
fn is_told(problem: &Error, cause: &(dyn std::error::Error + 'static)) -> bool {
    let is_connecting = matches!(problem.kind(), ErrorKind::Connect | ErrorKind::Login);
    let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    cause.is::<tokio_postgres::Error>() && cause.source().is_some()
        || is_connecting && io == Some(std::io::ErrorKind::NotFound)
        || problem.kind() == ErrorKind::Login
}

/// Whether a text says what a cause says: an operating system's begins with a capital, and ends with its number.
fn says(text: &str, clause: &str) -> bool {
    let bare = clause.split(" (os error ").next().unwrap_or(clause);
    text.contains(clause) || text.to_lowercase().contains(&bare.to_lowercase())
}
