use embed_migrate_core::{HISTORY_BUNDLE, Plan, Result};

use crate::options::options::Options;
use crate::report::event::Event;
use crate::report::pending_patch::PendingPatch;
use crate::run::run::Run;
use crate::session::session::Session;

/// Shows the application's callback what is about to be applied.
///
/// # Errors
///
/// The error of the callback; nothing is applied then.
pub(crate) async fn show(options: &Options, session: &mut Session, plan: &Plan<'_>) -> Result<()> {
    let Some(check) = &options.patch_check else { return Ok(()) };
    let steps = plan.steps.iter().filter(|step| step.bundle.name() != HISTORY_BUNDLE);
    let pending: Vec<PendingPatch> = steps
        .map(|step| PendingPatch {
            bundle: step.bundle.name().to_string(),
            schema: step.bundle.schema().map(str::to_owned),
            patch: step.patch.clone(),
        })
        .collect();
    if pending.is_empty() {
        return Ok(());
    }
    session.busy = true;
    let result = check(session, pending).await;
    session.busy = false;
    result
}

impl Run<'_> {
    /// Shows what is about to be applied, once.
    ///
    /// # Errors
    ///
    /// As [`show`].
    pub(crate) async fn show(&mut self, session: &mut Session, plan: &Plan<'_>) -> Result<()> {
        match std::mem::replace(&mut self.shown, true) {
            true => Ok(()),
            false => {
                if !plan.steps.is_empty() && session.notices().is_none() {
                    self.context.options.tell(&Event::NoticesUnavailable);
                }
                show(self.context.options, session, plan).await
            }
        }
    }
}
