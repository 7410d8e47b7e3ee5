use crate::patch::{Checksum, Kind, MinApp, Version};

/// The applied patches of all bundles, as the database records them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The rows, in the order in which they were applied.
    pub applied: Vec<Applied>,
}

/// One row of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The place in the order of application over all bundles, from 1.
    pub position: i64,
    /// The bundle's name.
    pub bundle: String,
    /// The patch's version.
    pub version: Version,
    /// How it was applied.
    pub kind: Kind,
    /// The file's name at that time.
    pub file: String,
    /// The checksum of the text.
    pub checksum: Checksum,
    /// The checksum of the tokens.
    pub tokens: Checksum,
    /// The oldest binary that may run against the result.
    pub min_app: MinApp,
    /// Whether it was a draft.
    pub draft: bool,
    /// Whether it was a baseline, which replaces all patches up to its version.
    pub baseline: bool,
    /// Whether it has an end time; a row without one was interrupted.
    pub ended: bool,
}

impl History {
    /// The rows of one bundle.
    pub fn of(&self, bundle: &str) -> impl Iterator<Item = &Applied> {
        self.applied.iter().filter(move |applied| applied.bundle == bundle)
    }

    /// The last position; 0 if nothing was applied.
    pub fn last(&self) -> i64 {
        self.applied.iter().map(|applied| applied.position).max().unwrap_or(0)
    }
}
