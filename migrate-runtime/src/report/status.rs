use std::fmt;

use embed_migrate_core::{Error, escape_controls};

use super::facts_status::FactsStatus;
use super::patch_status::PatchStatus;

/// Which patches and facts a database has.
#[derive(Debug)]
#[non_exhaustive]
pub struct Status {
    /// Each patch that is applied or embedded, by bundle and version.
    pub patches: Vec<PatchStatus>,
    /// Why a run would be refused, if it would.
    pub problem: Option<Error>,
    /// The facts of each bundle that has some.
    pub facts: Vec<FactsStatus>,
    /// Remarks: what was noticed, and is no reason to refuse.
    pub notes: Vec<String>,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.patches.is_empty() {
            f.write_str("no patches")?;
        }
        for (index, PatchStatus { bundle, version, file, state }) in self.patches.iter().enumerate() {
            let end = if index + 1 == self.patches.len() { "" } else { "\n" };
            write!(f, "{} {version} {state} ({}){end}", escape_controls(bundle), escape_controls(file))?;
        }
        self.facts.iter().try_for_each(|facts| write!(f, "\n{facts}"))?;
        self.notes.iter().try_for_each(|note| write!(f, "\nnote: {}", escape_controls(note)))?;
        self.problem.iter().try_for_each(|problem| write!(f, "\n\n{problem}"))
    }
}
