use std::collections::{HashMap, HashSet};

use crate::refuse::{self, Known};
use crate::{
    Applied, Bundle, Checksum, Error, History, MinApp, Patch, Plan, Result, Standing, Step, Version, requires,
};

/// Where bundles are to end, by name; the others go to their last patch.
pub type Targets = HashMap<String, Version>;

/// Decides what remains to be done: pure, so that a plan can be looked at without a database.
///
/// # Errors
///
/// All reasons to refuse: patches edited, missing, late or interrupted, a gap, a bundle that another
/// requires, a database that is too new for the binary.
pub fn resolve<'a>(bundles: &[&'a Bundle], history: &History, targets: &Targets) -> Result<Plan<'a>> {
    let ordered = requires::order(bundles, history)?;
    let mut plan = Plan { steps: Vec::new(), standings: Vec::new(), notes: Vec::new() };
    let mut problems = Vec::new();
    for bundle in ordered {
        let view = View::new(bundle, history, targets);
        problems.extend(view.problems(&mut plan.notes));
        let pending = view.pending();
        problems.extend(refuse::pending(bundle, &pending, &view.known));
        problems.extend(view.standing(&pending).map(|standing| plan.standings.push(standing)).err());
        for (patch, baseline) in pending {
            let position = history.last() + 1 + plan.steps.len() as i64;
            plan.steps.push(Step { bundle, patch, baseline, position });
        }
    }
    problems.extend(requires::unmet(&plan.steps, history));
    Error::all(problems).map_or(Ok(plan), Err)
}

/// One bundle beside its part of the history.
struct View<'a, 'h> {
    bundle: &'a Bundle,
    rows: Vec<&'h Applied>,
    versions: HashSet<Version>,
    known: Known,
    target: Option<Version>,
}

impl<'a, 'h> View<'a, 'h> {
    fn new(bundle: &'a Bundle, history: &'h History, targets: &Targets) -> View<'a, 'h> {
        let rows: Vec<_> = history.of(&bundle.name).collect();
        let known = Known {
            head: rows.iter().map(|row| row.version).max(),
            baseline: rows.iter().filter(|row| row.baseline).map(|row| row.version).max(),
        };
        let target = targets.get(bundle.name.as_ref()).copied().or(bundle.head());
        let versions = rows.iter().map(|row| row.version).collect();
        View { bundle, rows, versions, known, target }
    }

    fn problems(&self, notes: &mut Vec<String>) -> Vec<Error> {
        let mut problems = Vec::new();
        for row in &self.rows {
            problems.extend((!row.ended).then(|| refuse::interrupted(row)));
            match self.embedded(row) {
                Some(patch) => match refuse::changed(self.bundle, row, patch) {
                    Ok(note) => notes.extend(note),
                    Err(error) => problems.push(error),
                },
                None if self.is_ahead(row) => {
                    problems.extend(refuse::too_new(self.bundle, row, |version| self.is_there(version)));
                }
                None if self.is_squashed(row) => {}
                None => problems.push(refuse::missing(self.bundle, row)),
            }
        }
        problems
    }

    fn embedded(&self, row: &Applied) -> Option<&'a Patch> {
        match row.baseline {
            true => self.bundle.baseline.as_ref().filter(|baseline| baseline.version == row.version),
            false => self.bundle.patch(row.version),
        }
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
        let first = self.bundle.patches.first().map(|patch| patch.version);
        let stands_for =
            self.bundle.baseline.as_ref().is_some_and(|baseline| row.version <= baseline.version);
        // A database made from a baseline that a later binary replaced by its patches again, or by another one.
        stands_for || (row.baseline && first.is_none_or(|first| first <= row.version))
    }

    fn pending(&self) -> Vec<(&'a Patch, bool)> {
        let wanted = |patch: &&Patch| Some(patch.version) <= self.target;
        let fresh = self.rows.is_empty().then_some(self.bundle.baseline.as_ref()).flatten().filter(wanted);
        let stood_for = fresh.map(|baseline| baseline.version).max(self.known.baseline);
        let patches = self.bundle.patches.iter().filter(wanted);
        let missing = patches
            .filter(|patch| Some(patch.version) > stood_for && !self.versions.contains(&patch.version));
        fresh
            .into_iter()
            .map(|baseline| (baseline, true))
            .chain(missing.map(|patch| (patch, false)))
            .collect()
    }

    fn standing(&self, pending: &[(&'a Patch, bool)]) -> Result<Standing<'a>> {
        let mut min_app = self.rows.iter().map(|row| row.min_app).max().unwrap_or(MinApp::Any);
        for (patch, baseline) in pending {
            let step = Step { bundle: self.bundle, patch, baseline: *baseline, position: 0 };
            min_app = min_app.max(step.min_app()?);
        }
        let ahead = self.rows.iter().filter(|row| self.is_ahead(row)).map(|row| (*row).clone()).collect();
        let target = pending.iter().map(|(patch, _)| patch.version).max().max(self.known.head);
        Ok(Standing {
            bundle: self.bundle,
            head: self.known.head,
            target,
            pending: pending.len(),
            ahead,
            digest: self.digest(target),
            min_app,
        })
    }

    // Hotfixes beyond a target may lie below what is applied already: they are in the binary, but not yet in
    // the database, and a digest with them in it would pass for an up-to-date one.
    fn digest(&self, reached: Option<Version>) -> Checksum {
        let left_out = |version: Version| {
            Some(version) > self.target.max(self.known.baseline) && !self.versions.contains(&version)
        };
        self.bundle.digest_of(|patch| Some(patch.version) <= reached && !left_out(patch.version))
    }
}
