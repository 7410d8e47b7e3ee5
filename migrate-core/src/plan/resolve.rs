use std::collections::{HashMap, HashSet};

use super::history::{Applied, History};
use super::limit::Limit;
use super::plan::{BundlePosition, Plan, Step};
use super::refusal::AppliedVersions;
use super::{refusal, requires};
use crate::bundle::Bundle;
use crate::error::{Error, Result};
use crate::patch::{Checksum, Kind, MinApp, Patch, Version};

/// Where bundles are to end, by name; the others go to their last patch.
pub type Targets = HashMap<String, Version>;

/// Decides what remains to be done: pure, so that a plan can be looked at without a database.
///
/// # Errors
///
/// All reasons to refuse: patches edited, missing, late or interrupted, a gap, a bundle that another
/// requires, a database that is too new for the binary.
pub fn resolve<'a>(bundles: &[&'a Bundle], history: &History, targets: &Targets) -> Result<Plan<'a>> {
    resolve_within(bundles, history, targets, &Limit::default())
}

/// The same, and how much of it is within a limit; the rest is in [`Plan::left`].
///
/// # Errors
///
/// As [`resolve`].
pub fn resolve_within<'a>(
    bundles: &[&'a Bundle],
    history: &History,
    targets: &Targets,
    limit: &Limit,
) -> Result<Plan<'a>> {
    let ordered = requires::order(bundles, history)?;
    let mut plan = Plan { steps: Vec::new(), left: Vec::new(), bundles: Vec::new(), notes: Vec::new() };
    let mut problems = Vec::new();
    let histories: Vec<_> =
        ordered.iter().map(|bundle| BundleHistory::new(bundle, history, targets)).collect();
    // What was started comes first, whatever its bundle; and a target leaves it alone like all else beyond it.
    let wanted = |step: &Step<'_>| {
        targets.get(step.bundle.name()).is_none_or(|target| step.patch.version() <= *target)
    };
    let (started, beyond): (Vec<_>, Vec<_>) =
        histories.iter().flat_map(BundleHistory::started).partition(wanted);
    plan.steps.extend(started);
    let mut next = history.last();
    for history_of in &histories {
        problems.extend(history_of.problems(&mut plan.notes));
        let pending = history_of.pending();
        problems.extend(refusal::pending(history_of.bundle, &pending, &history_of.known));
        for (patch, baseline) in pending {
            next += 1;
            let bundle = history_of.bundle;
            plan.steps.push(Step { bundle, patch, baseline, position: next, started: false });
        }
    }
    problems.extend(requires::unmet(&plan.steps, history));
    plan.left = plan.steps.split_off(limit.admits(&plan.steps));
    match plan.steps.is_empty() {
        true => plan.notes.extend(beyond.iter().map(refusal::beyond)),
        // Nothing is applied past it.
        false => problems.extend(beyond.iter().map(refusal::past)),
    }
    plan.left.splice(0..0, beyond);
    for history_of in &histories {
        problems.extend(history_of.position(&plan.steps).map(|position| plan.bundles.push(position)).err());
    }
    Error::all(problems).map_or(Ok(plan), Err)
}

/// One bundle beside its part of the history.
struct BundleHistory<'a, 'h> {
    bundle: &'a Bundle,
    rows: Vec<&'h Applied>,
    versions: HashSet<Version>,
    known: AppliedVersions,
    target: Option<Version>,
}

impl<'a, 'h> BundleHistory<'a, 'h> {
    fn new(bundle: &'a Bundle, history: &'h History, targets: &Targets) -> BundleHistory<'a, 'h> {
        let rows: Vec<_> = history.of(bundle.name()).collect();
        let known = AppliedVersions {
            head: rows.iter().map(|row| row.version).max(),
            baseline: rows.iter().filter(|row| row.baseline).map(|row| row.version).max(),
        };
        let target = targets.get(bundle.name()).copied().or(bundle.head());
        let versions = rows.iter().map(|row| row.version).collect();
        BundleHistory { bundle, rows, versions, known, target }
    }

    fn problems(&self, notes: &mut Vec<String>) -> Vec<Error> {
        let mut problems = Vec::new();
        for row in &self.rows {
            // What a newer release has begun is its own to go on with; whether we may run beside it, it has said.
            let others = row.kind == Kind::Concurrent && self.is_ahead(row);
            let interrupted = !row.ended && self.resumed(row).is_none() && !others;
            problems.extend(interrupted.then(|| refusal::interrupted(row)));
            match self.embedded(row) {
                Some(patch) => match refusal::changed(self.bundle, row, patch) {
                    Ok(note) => notes.extend(note),
                    Err(error) => problems.push(error),
                },
                None if self.is_ahead(row) => {
                    problems.extend(refusal::too_new(self.bundle, row, |version| self.is_there(version)));
                }
                None if self.is_squashed(row) => {}
                None => problems.push(refusal::missing(self.bundle, row)),
            }
        }
        problems
    }

    fn embedded(&self, row: &Applied) -> Option<&'a Patch> {
        match row.baseline {
            true => self.bundle.baseline().filter(|baseline| baseline.version() == row.version),
            false => self.bundle.patch(row.version),
        }
    }

    /// The patch that is continued if its row has no end: only a concurrent patch can be in this state.
    fn resumed(&self, row: &Applied) -> Option<&'a Patch> {
        let concurrent = !row.ended && row.kind == Kind::Concurrent;
        self.embedded(row).filter(|patch| concurrent && patch.kind() == Kind::Concurrent)
    }

    fn started(&self) -> impl Iterator<Item = Step<'a>> {
        let bundle = self.bundle;
        self.rows.iter().filter_map(move |row| {
            let patch = self.resumed(row)?;
            Some(Step { bundle, patch, baseline: row.baseline, position: row.position, started: true })
        })
    }

    fn is_there(&self, version: Version) -> bool {
        Some(version) <= self.known.baseline || self.versions.contains(&version)
    }

    // A hotfix may be unknown to a binary that was built before it, or from another branch.
    fn is_ahead(&self, row: &Applied) -> bool {
        Some(row.version) > self.bundle.head()
            || (row.version.is_hotfix() && self.embedded(row).is_none() && !self.is_squashed(row))
    }

    fn is_squashed(&self, row: &Applied) -> bool {
        let first = self.bundle.patches().first().map(|patch| patch.version());
        let stands_for = self.bundle.baseline().is_some_and(|baseline| row.version <= baseline.version());
        // A database made from a baseline that a later binary replaced by its patches again, or by another one.
        stands_for || (row.baseline && first.is_none_or(|first| first <= row.version))
    }

    fn pending(&self) -> Vec<(&'a Patch, bool)> {
        let wanted = |patch: &&Patch| Some(patch.version()) <= self.target;
        let fresh = self.rows.is_empty().then_some(self.bundle.baseline()).flatten().filter(wanted);
        let stood_for = fresh.map(|baseline| baseline.version()).max(self.known.baseline);
        let patches = self.bundle.patches().iter().filter(wanted);
        let missing = patches
            .filter(|patch| Some(patch.version()) > stood_for && !self.versions.contains(&patch.version()));
        fresh
            .into_iter()
            .map(|baseline| (baseline, true))
            .chain(missing.map(|patch| (patch, false)))
            .collect()
    }

    /// The position of the bundle after these steps of all bundles are carried out.
    fn position(&self, steps: &[Step<'a>]) -> Result<BundlePosition<'a>> {
        let pending: Vec<_> = steps.iter().filter(|step| std::ptr::eq(step.bundle, self.bundle)).collect();
        let mut min_app = self.rows.iter().map(|row| row.min_app).max().unwrap_or(MinApp::Any);
        for step in &pending {
            min_app = min_app.max(step.min_app()?);
        }
        let ahead = self.rows.iter().filter(|row| self.is_ahead(row)).map(|row| (*row).clone()).collect();
        let ended = self.rows.iter().filter(|row| row.ended).map(|row| row.version);
        let target = pending.iter().map(|step| step.patch.version()).chain(ended).max();
        Ok(BundlePosition {
            bundle: self.bundle,
            head: self.known.head,
            target,
            pending: pending.len(),
            ahead,
            digest: self.digest(target, &pending),
            min_app,
        })
    }

    // Hotfixes that are left out may lie below what is applied already: they are in the binary, but not yet in
    // the database, and a digest with them in it would pass for an up-to-date one.
    fn digest(&self, reached: Option<Version>, pending: &[&Step<'_>]) -> Checksum {
        let fresh = pending.iter().filter(|step| step.baseline).map(|step| step.patch.version()).max();
        let stood_for = fresh.max(self.known.baseline);
        let pending: HashSet<_> = pending.iter().map(|step| step.patch.version()).collect();
        let is_there = |version: Version| {
            Some(version) <= stood_for || self.versions.contains(&version) || pending.contains(&version)
        };
        self.bundle.digest_of(|patch| Some(patch.version()) <= reached && is_there(patch.version()))
    }
}
