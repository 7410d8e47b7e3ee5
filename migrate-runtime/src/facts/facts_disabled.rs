//! Replaces facts if the feature is off: a bundle with facts is refused.

use embed_migrate_core::{Bundle, Error, ErrorKind, Plan, Result, Step};

use crate::connection::source::Source;
use crate::options::options::Options;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::run::context::RunContext;
use crate::run::run::Run;
use crate::session::session::Session;

pub(crate) async fn verify(_: &Source<'_>, _: &Session, _: &Options, bundles: &[&Bundle]) -> Result<()> {
    match bundles.iter().find(|bundle| bundle.facts().is_some()) {
        Some(bundle) => Err(off(bundle.name())),
        None => Ok(()),
    }
}

pub(crate) async fn rehearse_step(
    _: &RunContext<'_>,
    _: &Session,
    _: &TransactionFrame<'_>,
    step: &Step<'_>,
) -> Result<()> {
    Err(off(step.bundle.name()))
}

pub(crate) async fn rehearse(
    context: &RunContext<'_>,
    _: &Session,
    _: &TransactionFrame<'_>,
) -> Result<Vec<(String, Vec<String>)>> {
    match context.bundles.iter().find(|bundle| bundle.facts().is_some()) {
        Some(bundle) => Err(off(bundle.name())),
        None => Ok(Vec::new()),
    }
}

impl Run<'_> {
    pub(crate) async fn deploy_facts(&mut self, _: &mut Session) -> Result<()> {
        match self.without_facts().first() {
            Some(bundle) => Err(off(bundle.name())),
            None => Ok(()),
        }
    }

    pub(crate) async fn frozen(&mut self, _: &mut Session, plan: &Plan<'_>, index: usize) -> Result<()> {
        plan.steps.get(index).map_or(Ok(()), |step| Err(off(step.bundle.name())))
    }
}

fn off(bundle: &str) -> Error {
    Error::new(
        ErrorKind::Unsupported,
        format!("bundle `{bundle}` has facts, and this build can't deploy them"),
    )
    .help("switch on the feature `facts` of `embed-migrate`")
}
