use std::fmt;

use crate::catalog::QualifiedName;
use crate::error::Place;

/// One difference between the facts and a catalog, and what removes it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PlannedChange {
    /// What is done.
    pub action: ChangeAction,
    /// To what: `public.study.title`, say.
    pub object: String,
    /// How: one or several statements.
    pub sql: String,
    /// Why it may hurt.
    pub hazards: Vec<ChangeHazard>,
    /// The kind of the fact that asks for it.
    pub fact: &'static str,
    /// Where that fact stands.
    pub place: Place,
    /// The table that it stores anew.
    pub(crate) rewritten: Option<QualifiedName>,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeAction {
    /// Makes an object that isn't there.
    Create,
    /// Gives an object another definition.
    Alter,
    /// Gives an object another name.
    Rename,
    /// Removes an object.
    Drop,
    /// Gives an object another comment.
    Comment,
    /// Grants or revokes a privilege.
    Grant,
    /// Makes a column's values anew.
    Rebuild,
}

/// Why a change may hurt on a database that is in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeHazard {
    /// It writes the whole table anew, under a lock that stops readers and writers.
    Rewrites,
    /// It takes ACCESS EXCLUSIVE on a table that was there: readers and writers wait for it, if only for a moment.
    Locks,
    /// It reads the whole table while writers wait.
    Scans,
    /// It makes an index while writers wait.
    Indexes,
    /// It removes rows or values.
    Loses,
}

impl PlannedChange {
    /// The table that it changes, or the view, as `schema.name`; `None` where it changes no such thing.
    pub fn table(&self) -> Option<String> {
        let mut parts = self.object.split('.');
        Some(format!("{}.{}", parts.next()?, parts.next()?))
    }

    /// The table that it stores anew, as SQL names it.
    pub fn rewrites(&self) -> Option<String> {
        self.rewritten.as_ref().map(QualifiedName::quoted)
    }

    /// Whether it makes what tables may need, and needs none itself.
    pub(crate) fn is_needed_early(&self) -> bool {
        self.action == ChangeAction::Create && matches!(self.fact, "schema" | "extension")
    }
}

impl fmt::Display for ChangeAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChangeAction::Create => "create",
            ChangeAction::Alter => "alter",
            ChangeAction::Rename => "rename",
            ChangeAction::Drop => "drop",
            ChangeAction::Comment => "comment",
            ChangeAction::Grant => "grant",
            ChangeAction::Rebuild => "rebuild",
        })
    }
}

impl fmt::Display for ChangeHazard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ChangeHazard::Rewrites => "rewrites the table",
            ChangeHazard::Locks => "locks the table",
            ChangeHazard::Scans => "scans the table",
            ChangeHazard::Indexes => "builds an index while writers wait",
            ChangeHazard::Loses => "loses data",
        })
    }
}

impl fmt::Display for PlannedChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.action, self.object)?;
        let hazards: Vec<String> = self.hazards.iter().map(ChangeHazard::to_string).collect();
        if !hazards.is_empty() {
            write!(f, " ({})", hazards.join(", "))?;
        }
        Ok(())
    }
}
