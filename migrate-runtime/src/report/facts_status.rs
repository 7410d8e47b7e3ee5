use std::fmt;

use embed_migrate_core::{Error, ErrorKind, escape_controls};

/// The facts of one bundle: what a run did for them, or what it would do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FactsStatus {
    /// The bundle's name.
    pub bundle: String,
    /// The revision that the binary has.
    pub revision: u32,
    /// In words: in a report what was done, such as `3 changes of the schema, 5 rows inserted` or `they hold`; in a status
    /// what is to be done, such as `pending, the database has 2`.
    pub summary: String,
    /// The revision that the database has; `None` if none was deployed.
    #[doc(hidden)]
    pub deployed: Option<u32>,
    /// Whether they are deployed.
    #[doc(hidden)]
    pub state: FactsState,
}

/// Whether facts are deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FactsState {
    /// The database has them, as its record says; whether they still hold is for [`Migrator::verify`](crate::Migrator::verify).
    Deployed,
    /// The next run deploys them, or verifies them if `bundle.yaml` says so.
    Pending,
    /// The next run continues with them: an index or a check is still to be built.
    Unfinished,
    /// The database has a later revision, which the binary leaves alone.
    Later,
}

impl FactsState {
    /// One word for it, which does not change.
    #[doc(hidden)]
    pub fn as_str(self) -> &'static str {
        match self {
            FactsState::Deployed => "deployed",
            FactsState::Pending => "pending",
            FactsState::Unfinished => "unfinished",
            FactsState::Later => "later",
        }
    }
}

impl FactsStatus {
    /// The facts of a bundle whose database has this revision of them.
    pub(crate) fn new(
        bundle: String,
        revision: u32,
        deployed: Option<u32>,
        state: FactsState,
    ) -> FactsStatus {
        let summary = match (state, deployed) {
            (FactsState::Deployed, _) => "deployed".to_owned(),
            (FactsState::Pending, None) => "pending".to_owned(),
            (FactsState::Pending, Some(deployed)) if deployed == revision => {
                "pending, changed since".to_owned()
            }
            (FactsState::Pending, Some(deployed)) => format!("pending, the database has {deployed}"),
            (FactsState::Unfinished, _) => "pending, deployed in part".to_owned(),
            (FactsState::Later, deployed) => {
                format!("not deployed, the database has {}", deployed.unwrap_or(revision))
            }
        };
        FactsStatus { bundle, revision, summary, deployed, state }
    }

    /// Facts that a run deployed or verified.
    #[cfg(feature = "facts")]
    pub(crate) fn done(bundle: String, revision: u32, summary: String) -> FactsStatus {
        FactsStatus { bundle, revision, summary, deployed: Some(revision), state: FactsState::Deployed }
    }

    /// Whether a run has something to do for them.
    pub fn is_pending(&self) -> bool {
        matches!(self.state, FactsState::Pending | FactsState::Unfinished)
    }

    /// The error if nothing should be pending.
    pub(crate) fn pending(&self) -> Option<Error> {
        let FactsStatus { bundle, revision, .. } = self;
        let message = format!("revision {revision} of the facts of `{bundle}` is not deployed");
        let error = Error::new(ErrorKind::Pending, message).note(self.to_string());
        self.is_pending().then(|| error.help("deploy it: `Migrator::run`, or `cargo migrate up`"))
    }
}

impl fmt::Display for FactsStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} facts {} {}", escape_controls(&self.bundle), self.revision, self.summary)
    }
}
