use std::fmt;
use std::time::Duration;

use migrate_core::{Step, Version};

/// What a run did.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The patches applied by this run, in order.
    pub applied: Vec<Done>,
    /// The facts deployed or verified by this run, in order.
    pub facts: Vec<FactsDone>,
    /// The patches that are pending still, beyond the run's [limit](crate::migrator::Migrator::limit).
    pub left: Vec<Done>,
    /// Where each bundle stands now.
    pub bundles: Vec<Stand>,
    /// What was noticed and was no reason to refuse.
    pub notes: Vec<String>,
    /// How long it took, waiting included.
    pub elapsed: Duration,
}

/// A patch that a run applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The bundle's name.
    pub bundle: String,
    /// The patch's version.
    pub version: Version,
    /// The patch's file.
    pub file: String,
}

/// Facts that a run deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsDone {
    /// The bundle's name.
    pub bundle: String,
    /// The revision of its facts.
    pub revision: u32,
    /// What was done, in words: `3 changes of the schema, 5 rows inserted`; `they hold`.
    pub summary: String,
}

impl From<Step<'_>> for Done {
    fn from(step: Step<'_>) -> Done {
        Done {
            bundle: step.bundle.name().to_string(),
            version: step.patch.version(),
            file: step.patch.file().to_string(),
        }
    }
}

/// Where a bundle stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stand {
    /// The bundle's name.
    pub bundle: String,
    /// The highest version applied; `None` where nothing was.
    pub head: Option<Version>,
    /// Whether the database has patches that this binary does not know, and that admit it.
    pub ahead: bool,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Done { bundle, version, file } in &self.applied {
            writeln!(f, "applied {bundle} {version} ({file})")?;
        }
        for FactsDone { bundle, revision, summary } in &self.facts {
            writeln!(f, "facts {revision} of {bundle}: {summary}")?;
        }
        for Done { bundle, version, file } in &self.left {
            writeln!(f, "left: {bundle} {version} ({file})")?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        for Stand { bundle, head, ahead } in &self.bundles {
            let head = head.map_or("empty".to_owned(), |head| format!("at {head}"));
            let ahead = if *ahead { ", ahead of this binary" } else { "" };
            writeln!(f, "{bundle} is {head}{ahead}")?;
        }
        let count = self.applied.len();
        write!(f, "{count} applied in {} ms", self.elapsed.as_millis())
    }
}

/// So many patches, and that they are pending.
pub(crate) fn are_pending(count: usize) -> String {
    match count {
        1 => "1 patch is pending".to_owned(),
        many => format!("{many} patches are pending"),
    }
}
