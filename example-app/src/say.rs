use std::fmt::Display;
use std::io::{Write, stderr, stdout};

/// A line on stdout. A closed pipe is no reason to stop serving.
pub(crate) fn say(line: impl Display) {
    let _ = writeln!(stdout(), "{line}");
}

/// A line on stderr.
pub(crate) fn warn(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}
