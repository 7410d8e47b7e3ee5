use super::history::Applied;
use crate::bundle::Bundle;
use crate::error::Result;
use crate::patch::{Checksum, MinApp, Patch, Version};

/// What remains to be done so that a database is what a binary expects.
#[derive(Debug)]
#[non_exhaustive]
pub struct Plan<'a> {
    /// The patches to apply, in order.
    pub steps: Vec<Step<'a>>,
    /// The pending patches beyond the run's limit; first those that were started and that a target
    /// leaves as they are.
    pub left: Vec<Step<'a>>,
    /// The position of each bundle, in the order in which they run.
    pub bundles: Vec<BundlePosition<'a>>,
    /// Observations that are no reason to refuse, such as an edited comment.
    pub notes: Vec<String>,
}

/// One patch to apply.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The bundle that it belongs to.
    pub bundle: &'a Bundle,
    /// The patch.
    pub patch: &'a Patch,
    /// Whether it is the bundle's baseline.
    pub baseline: bool,
    /// Its place in the order of application, over all bundles, from 1.
    pub position: i64,
    /// Whether it was started before and did not finish: the run continues it.
    pub started: bool,
}

impl Step<'_> {
    /// The oldest binary that may run against the result: the directive's, or any. A baseline without the
    /// directive requires its own version, since it hides what the patches that it replaces required.
    ///
    /// # Errors
    ///
    /// A malformed directive; never for a patch that was checked when it was embedded.
    pub fn min_app(&self) -> Result<MinApp> {
        let stated = self.patch.directives()?.min_app;
        let unstated = if self.baseline { MinApp::Version(self.patch.version()) } else { MinApp::Any };
        Ok(stated.unwrap_or(unstated))
    }
}

/// The position of a bundle in a database.
#[derive(Debug)]
pub struct BundlePosition<'a> {
    /// The bundle.
    pub bundle: &'a Bundle,
    /// The highest version applied before the plan is carried out.
    pub head: Option<Version>,
    /// Its position after the plan.
    pub target: Option<Version>,
    /// How many patches the plan applies.
    pub pending: usize,
    /// The applied patches that the binary does not know, all of which admit it.
    pub ahead: Vec<Applied>,
    /// What the tokens of the bundle's patches sum up to that the database has after the plan, as
    /// [`Bundle::digest_at`] does; without those that a target leaves out.
    pub digest: Checksum,
    /// The oldest binary that may run against the bundle's part of the database, after the plan.
    pub min_app: MinApp,
}

impl Plan<'_> {
    /// Whether nothing is to be done.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}
