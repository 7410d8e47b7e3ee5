use super::rule::LintRule;
use crate::error::{Error, ErrorKind, Place};
use crate::sql::tree::Node;

/// A hazard as a rule found it.
pub(crate) struct LintHazard {
    pub(crate) rule: LintRule,
    offset: usize,
    message: String,
    notes: Vec<String>,
    recipe: String,
}

impl LintHazard {
    /// At a clause: what happens, in one clause, and the safe way, with SQL that can be copied.
    pub(super) fn new(rule: LintRule, at: Node<'_>, message: String, recipe: String) -> LintHazard {
        LintHazard::at(rule, at.start(), message, recipe)
    }

    /// The same at a place in the text.
    pub(super) fn at(rule: LintRule, offset: usize, message: String, recipe: String) -> LintHazard {
        LintHazard { rule, offset, message, notes: Vec::new(), recipe }
    }

    /// Adds the lock that it takes, or what the text does not show.
    pub(super) fn note(mut self, note: impl Into<String>) -> LintHazard {
        self.notes.push(note.into());
        self
    }

    pub(super) fn into_error(self, file: &str, text: &str) -> Error {
        let LintHazard { rule, offset, message, notes, recipe } = self;
        let help = format!("{recipe}\nor permit it, with the reason: `-- migrate: allow {rule}: …`");
        let error = Error::new(ErrorKind::Hazard, message).at(Place::offset(file, text, offset));
        notes.into_iter().fold(error, Error::note).help(help)
    }
}

/// SQL in a recipe, set off from the words around it.
pub(super) fn sql(lines: &[String]) -> String {
    lines.iter().map(|line| format!("\n  {line}")).collect()
}
