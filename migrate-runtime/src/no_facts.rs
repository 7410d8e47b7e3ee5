//! What stands in for facts where the feature is off: a bundle that has some is refused.

use migrate_core::{Error, ErrorKind, Plan, Result};

use crate::run::Run;
use crate::session::Session;

impl Run<'_> {
    pub(crate) async fn deploy_facts(&mut self, _: &mut Session, _: &Plan<'_>) -> Result<()> {
        match self.without_facts().first() {
            Some(bundle) => Err(off(&bundle.name)),
            None => Ok(()),
        }
    }

    pub(crate) async fn frozen(&mut self, _: &mut Session, plan: &Plan<'_>, index: usize) -> Result<()> {
        plan.steps.get(index).map_or(Ok(()), |step| Err(off(&step.bundle.name)))
    }
}

fn off(bundle: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("bundle `{bundle}` has facts, and this build can't deploy them"),
    )
    .help("switch on the feature `facts` of `migrate`")
}
