use std::fmt;

use migrate_core::{Error, ErrorKind, escape_controls};

/// The facts of one bundle in a [`Status`](crate::Status).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsLine {
    /// The bundle's name.
    pub bundle: String,
    /// The revision that the binary has.
    pub revision: u32,
    /// The revision that the database has; `None` where none was deployed.
    pub deployed: Option<u32>,
    /// How they stand.
    pub state: FactsState,
}

/// How facts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactsState {
    /// The database has them, as its record says; whether they still hold is for [`Migrator::verify`](crate::migrator::Migrator::verify).
    Deployed,
    /// The next run deploys them, or verifies them where `bundle.yaml` says so.
    Pending,
    /// The next run goes on with them: an index or a check is still to be built.
    Unfinished,
    /// The database has a later revision, which the binary leaves alone.
    Later,
}

impl FactsLine {
    /// Whether a run has something to do for them.
    pub fn is_pending(&self) -> bool {
        matches!(self.state, FactsState::Pending | FactsState::Unfinished)
    }

    /// What to say where nothing was to be pending.
    pub(crate) fn pending(&self) -> Option<Error> {
        let FactsLine { bundle, revision, .. } = self;
        let message = format!("revision {revision} of the facts of `{bundle}` is not deployed");
        let error = Error::new(ErrorKind::Pending, message).note(self.to_string());
        self.is_pending().then(|| error.help("deploy it: `Migrator::run`, or `cargo migrate up`"))
    }
}

impl fmt::Display for FactsLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FactsLine { bundle, revision, deployed, state } = self;
        write!(f, "{} facts {revision} ", escape_controls(bundle))?;
        match (state, deployed) {
            (FactsState::Deployed, _) => f.write_str("deployed"),
            (FactsState::Pending, None) => f.write_str("pending"),
            (FactsState::Pending, Some(deployed)) if deployed == revision => {
                f.write_str("pending, changed since")
            }
            (FactsState::Pending, Some(deployed)) => write!(f, "pending, the database has {deployed}"),
            (FactsState::Unfinished, _) => f.write_str("pending, deployed in part"),
            (FactsState::Later, deployed) => {
                write!(f, "left alone, the database has {}", deployed.unwrap_or(*revision))
            }
        }
    }
}
