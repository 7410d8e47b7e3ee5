use migrate_core::{OWN, Patch, Plan, Result};

use crate::run::Run;

/// A patch that a run is about to apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// The bundle's name.
    pub bundle: String,
    /// The patch.
    pub patch: Patch,
}

impl Run<'_> {
    /// Shows what is about to be applied to whoever wanted to see it, once.
    ///
    /// # Errors
    ///
    /// That of whoever looks; nothing is applied then.
    pub(crate) async fn show(&mut self, plan: &Plan<'_>) -> Result<()> {
        let Some(before) = self.errand.options.before.as_ref().filter(|_| !self.shown) else { return Ok(()) };
        self.shown = true;
        let steps = plan.steps.iter().filter(|step| step.bundle.name != OWN);
        let pending: Vec<Pending> = steps
            .map(|step| Pending { bundle: step.bundle.name.to_string(), patch: step.patch.clone() })
            .collect();
        match pending.is_empty() {
            true => Ok(()),
            false => before(pending).await,
        }
    }
}
