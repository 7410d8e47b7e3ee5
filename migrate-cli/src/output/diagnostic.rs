//! Errors, warnings and notes about a bundle's files, on stderr.

use std::fmt;
use std::io::{IsTerminal, stderr};

use anstyle::{AnsiColor, Style};
use embed_migrate_core::{Error, ReportStyle};

use super::print;

/// The word in front of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    Error,
    Warning,
    /// A hazard that was accepted when its patch was locked.
    LockedHazard,
    Note,
}

/// Prints a problem with the line that it is about. `rest` is what follows its help.
pub(crate) fn print_problem(severity: Severity, problem: &Error, rest: &str) {
    let style = style();
    let word = match style {
        ReportStyle::Plain => severity.to_string(),
        ReportStyle::Coloured => {
            let colour = severity.colour();
            format!("{colour}{severity}{colour:#}")
        }
    };
    print::reported(format_args!("{word}: {}{rest}", problem.report(style)));
}

/// Prints a warning with the line that it is about, and an empty line below it.
pub(crate) fn print_warning(warning: &Error) {
    print_problem(Severity::Warning, warning, "\n");
}

/// Colours are for terminals, unless `NO_COLOR` has a value (<https://no-color.org>).
fn style() -> ReportStyle {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    match stderr().is_terminal() && !is_set("NO_COLOR") && !is_dumb {
        true => ReportStyle::Coloured,
        false => ReportStyle::Plain,
    }
}

impl Severity {
    fn colour(self) -> Style {
        let colour = match self {
            Severity::Error => AnsiColor::BrightRed,
            Severity::Warning => AnsiColor::Yellow,
            Severity::LockedHazard | Severity::Note => AnsiColor::BrightCyan,
        };
        colour.on_default().bold()
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::LockedHazard => "hazard, locked",
            Severity::Note => "note",
        })
    }
}
