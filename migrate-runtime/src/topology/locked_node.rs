use embed_migrate_core::{History, Limit, Plan, Result, resolve_within};
use futures_util::FutureExt;

use crate::report::report::Report;
use crate::run::run::Run;
use crate::session::session::Session;

/// A node under its lock.
pub(crate) struct LockedNode<'a> {
    pub(crate) name: String,
    pub(crate) run: Run<'a>,
    pub(crate) session: Session,
    pub(crate) history: History,
}

impl<'a> LockedNode<'a> {
    /// What remains to be done on it.
    ///
    /// # Errors
    ///
    /// All reasons to refuse, with the node's name.
    pub(crate) fn plan(&self) -> Result<Plan<'a>> {
        self.plan_within(&self.run.context.options.limit)
    }

    /// The same within another limit.
    ///
    /// # Errors
    ///
    /// As [`LockedNode::plan`].
    pub(crate) fn plan_within(&self, limit: &Limit) -> Result<Plan<'a>> {
        let context = self.run.context;
        let plan = resolve_within(context.bundles, &self.history, &context.options.targets, limit);
        plan.map_err(|error| self.on(error))
    }

    /// Shows the remaining patches of the node to the callback.
    ///
    /// # Errors
    ///
    /// The run's progress callback, with the node's name.
    pub(crate) async fn show(&mut self) -> Result<()> {
        let plan = self.plan()?;
        let shown = self.run.show(&mut self.session, &plan).await;
        shown.map_err(|error| self.on(error))
    }

    /// Applies what is within a limit, and reads the history again.
    ///
    /// # Errors
    ///
    /// As a run on one server, with the node's name.
    pub(crate) async fn advance(&mut self, limit: Limit) -> Result<Report> {
        let history = std::mem::take(&mut self.history);
        let report = self.run.carry_out(&mut self.session, history, limit).boxed().await;
        let report = report.map_err(|error| self.on(error))?;
        self.history = self.run.context.history(&self.session).await.map_err(|error| self.on(error))?;
        Ok(report)
    }

    /// Says on which node it was.
    pub(crate) fn on(&self, error: embed_migrate_core::Error) -> embed_migrate_core::Error {
        on(&self.name, error)
    }
}

/// Says on which node it was.
pub(crate) fn on(name: &str, error: embed_migrate_core::Error) -> embed_migrate_core::Error {
    error.context(format!("on node `{name}`"))
}
