use std::error::Error as _;

use embed_migrate_core::{Error, ErrorKind, redact};

use super::diagnostic::{Severity, print_problem};
use super::print;

/// How many problems are printed, and the last one as well.
const MOST: usize = 100;

/// Prints every problem of an error, each with its cause unless its message has that.
pub(crate) fn print_problems(error: Error) {
    let problems = error.split();
    let last = problems.len().saturating_sub(1);
    for (index, problem) in problems.iter().enumerate() {
        if index + 1 == MOST && index < last {
            print::progress(format_args!("\nand {} more problems", last - index));
        }
        // The last problem may be a summary.
        if index + 1 >= MOST && index < last {
            continue;
        }
        let text = problem.to_string();
        if index > 0 {
            print::progress("");
        }
        print_problem(Severity::Error, problem, "");
        let mut cause = problem.source();
        while let Some(error) = cause {
            // The problem has the server's message already, with detail and hint.
            if error
                .downcast_ref::<tokio_postgres::Error>()
                .is_some_and(|error| error.as_db_error().is_some())
            {
                break;
            }
            let clause = redact(&error.to_string()).into_owned();
            if !is_told(problem, error) && !says(&text, &clause) {
                print::progress(format_args!("  caused by: {clause}"));
            }
            cause = error.source();
        }
    }
}

/// Whether a cause adds nothing: the client's error that only says that there is a cause, or one that the problem has in
/// other words.
fn is_told(problem: &Error, cause: &(dyn std::error::Error + 'static)) -> bool {
    let is_connecting = matches!(problem.kind(), ErrorKind::Connect | ErrorKind::Login);
    let io = cause.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    cause.is::<tokio_postgres::Error>() && cause.source().is_some()
        || is_connecting && io == Some(std::io::ErrorKind::NotFound)
        || problem.kind() == ErrorKind::Login
}

/// Whether a text has the words of a cause. An operating system's error begins with a capital, and ends with its number.
fn says(text: &str, clause: &str) -> bool {
    let bare = clause.split(" (os error ").next().unwrap_or(clause);
    text.contains(clause) || text.to_lowercase().contains(&bare.to_lowercase())
}
