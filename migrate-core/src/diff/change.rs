use std::fmt;

use crate::catalog::QualifiedName;
use crate::error::Place;

/// One planned change of the schema, which makes a fact true.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PlannedChange {
    /// What is done.
    pub action: ChangeAction,
    /// The object that is changed, such as `public.study.title`.
    pub object: String,
    /// The SQL: one or several statements.
    pub sql: String,
    /// What may go wrong on a database in use.
    pub hazards: Vec<ChangeHazard>,
    /// The kind of the fact that asks for it.
    pub fact: &'static str,
    /// The place of that fact.
    pub place: Place,
    /// The table that it rewrites.
    pub(crate) rewritten: Option<QualifiedName>,
}

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeAction {
    /// Creates an object.
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
    /// Creates a column again, with its values.
    Rebuild,
}

/// What may go wrong with a change on a database in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeHazard {
    /// It rewrites the whole table, under a lock that stops readers and writers.
    Rewrites,
    /// It takes an ACCESS EXCLUSIVE lock on an existing table: readers and writers wait, even if only for a moment.
    Locks,
    /// It reads the whole table while writers wait.
    Scans,
    /// It builds an index while writers wait.
    Indexes,
    /// It removes rows or values.
    Loses,
}

impl PlannedChange {
    /// The table or view that it changes, as `schema.name`; `None` if it changes something else.
    pub fn table(&self) -> Option<String> {
        let mut parts = self.object.split('.');
        Some(format!("{}.{}", parts.next()?, parts.next()?))
    }

    /// The table that it rewrites, as SQL names it.
    #[doc(hidden)]
    pub fn rewrites(&self) -> Option<String> {
        self.rewritten.as_ref().map(QualifiedName::quoted)
    }

    /// Whether it creates an object that tables may need, and needs no table itself.
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
