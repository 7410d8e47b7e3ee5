use std::fmt;

use crate::case::Case;

/// What became of one direction.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// The database is as wanted.
    Reached,
    /// It is, in a database without rows: with rows, a statement failed over them.
    ReachedWithoutRows {
        /// What the server said.
        error: String,
    },
    /// A statement failed.
    SqlFailed {
        /// The statement.
        statement: String,
        /// What the server said.
        error: String,
    },
    /// All ran, and the dumps differ.
    OtherCatalog {
        /// The lines that differ.
        lines: String,
    },
    /// The plan says what it can't do.
    Refused {
        /// Each with its reason.
        names: String,
    },
    /// It led there, and a table has fewer rows, which the plan does not say.
    RowsLost {
        /// The tables.
        tables: String,
    },
    /// The dumps differ, and the plan has nothing to do, or a comparison finds nothing.
    SilentMiss {
        /// The lines that differ.
        lines: String,
    },
}

impl Outcome {
    /// Whether it led there.
    pub(crate) fn is_reached(&self) -> bool {
        matches!(self, Outcome::Reached | Outcome::ReachedWithoutRows { .. } | Outcome::RowsLost { .. })
    }

    /// One word for it.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Outcome::Reached => "reached",
            Outcome::ReachedWithoutRows { .. } => "reached without rows",
            Outcome::SqlFailed { .. } => "SQL failed",
            Outcome::OtherCatalog { .. } => "other catalog",
            Outcome::Refused { .. } => "refused",
            Outcome::RowsLost { .. } => "rows lost",
            Outcome::SilentMiss { .. } => "silent miss",
        }
    }

    /// What there is to read about it.
    pub(crate) fn detail(&self) -> String {
        match self {
            Outcome::Reached => String::new(),
            Outcome::SqlFailed { statement, error } => format!("{error}\n{statement}"),
            Outcome::ReachedWithoutRows { error } => error.clone(),
            Outcome::OtherCatalog { lines } | Outcome::SilentMiss { lines } => lines.clone(),
            Outcome::Refused { names } => names.clone(),
            Outcome::RowsLost { tables } => tables.clone(),
        }
    }
}

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Direction {
    /// From old to new.
    Forth,
    /// From new to old.
    Back,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Forth => "forth",
            Direction::Back => "back",
        })
    }
}

/// What was found of a case.
pub(crate) struct Finding {
    /// Whose tests or history.
    pub(crate) suite: String,
    /// `SUITE/CASE`.
    pub(crate) case: String,
    /// What happened.
    pub(crate) what: CaseResult,
}

impl Finding {
    /// That something was in the way.
    pub(crate) fn not_judged(case: &Case, error: &harness::Error) -> Finding {
        let what = CaseResult::SetAside(format!("not judged: {error}"));
        Finding { suite: case.suite().to_owned(), case: case.to_string(), what }
    }
}

/// What happened with a case.
pub(crate) enum CaseResult {
    /// PostgreSQL can't make one of both, and says why.
    SetAside(String),
    /// It was tried.
    Tried {
        /// Whether both are one: nothing was to be done.
        equal: bool,
        /// Each direction with the statements.
        directions: Vec<(Direction, Outcome, Vec<String>)>,
    },
}

impl Outcome {
    /// The outcome in a database without rows, after rows were in the way.
    pub(crate) fn without_rows(self, error: String) -> Outcome {
        if self.is_reached() { Outcome::ReachedWithoutRows { error } } else { self }
    }
}
