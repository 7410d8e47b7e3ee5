use super::facts_line::FactsLine;
use migrate_core::Error;
use migrate_core::Version;
use migrate_core::escape_controls;
use std::fmt;

/// Where the bundles stand in a database, patch by patch.
#[derive(Debug)]
pub struct Status {
    /// One line for each patch that is applied or embedded, by bundle and version.
    pub lines: Vec<Line>,
    /// Why a run would be refused, if it would.
    pub problem: Option<Error>,
    /// The facts of each bundle that has some.
    pub facts: Vec<FactsLine>,
    /// What was noticed and is no reason to refuse.
    pub notes: Vec<String>,
}

/// One patch in a [`Status`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The bundle's name.
    pub bundle: String,
    /// The patch's version.
    pub version: Version,
    /// The patch's file.
    pub file: String,
    /// Whether it is applied, embedded or both.
    pub state: State,
}

/// How a patch stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is in the database and in the binary.
    Applied,
    /// It is in the binary only.
    Pending,
    /// It is in the database only.
    Unknown,
    /// It was started and has no end.
    Interrupted,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            State::Applied => "applied",
            State::Pending => "pending",
            State::Unknown => "unknown to this binary",
            State::Interrupted => "interrupted",
        })
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lines.is_empty() {
            f.write_str("no patches")?;
        }
        for (index, Line { bundle, version, file, state }) in self.lines.iter().enumerate() {
            let end = if index + 1 == self.lines.len() { "" } else { "\n" };
            write!(f, "{} {version} {state} ({}){end}", escape_controls(bundle), escape_controls(file))?;
        }
        self.facts.iter().try_for_each(|facts| write!(f, "\n{facts}"))?;
        self.notes.iter().try_for_each(|note| write!(f, "\nnote: {}", escape_controls(note)))?;
        self.problem.iter().try_for_each(|problem| write!(f, "\n\n{problem}"))
    }
}
