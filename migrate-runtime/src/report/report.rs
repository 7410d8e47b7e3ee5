use std::fmt;
use std::time::Duration;

use embed_migrate_core::BundleHead;

use super::facts_status::FactsStatus;
use super::patch_status::PatchStatus;

/// What a run did.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// The patches applied by this run, in order.
    pub applied: Vec<PatchStatus>,
    /// The facts deployed or verified by this run, in order.
    pub facts: Vec<FactsStatus>,
    /// The patches that are still pending, beyond the run's [limit](embed_migrate_core::RunOptions::limit).
    pub left: Vec<PatchStatus>,
    /// How far each bundle is applied now.
    pub bundles: Vec<BundleHead>,
    /// Remarks: what was noticed, and was no reason to refuse.
    pub notes: Vec<String>,
    /// How long the run took, waiting included.
    pub elapsed: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for PatchStatus { bundle, version, file, .. } in &self.applied {
            writeln!(f, "applied {bundle} {version} ({file})")?;
        }
        for FactsStatus { bundle, revision, summary, .. } in &self.facts {
            writeln!(f, "facts {revision} of {bundle}: {summary}")?;
        }
        for PatchStatus { bundle, version, file, .. } in &self.left {
            writeln!(f, "left: {bundle} {version} ({file})")?;
        }
        for note in &self.notes {
            writeln!(f, "note: {note}")?;
        }
        for BundleHead { bundle, head, ahead, .. } in &self.bundles {
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
