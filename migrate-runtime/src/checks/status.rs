use std::time::Duration;

use embed_migrate_core::{Applied, Bundle, Error, ErrorKind, HISTORY_BUNDLE, History, Patch, Plan, Result};

use super::history_view::HistoryView;
use crate::connection::source::{IntoSource, Source};
use crate::facts::bundle_facts;
use crate::migrator::Migrator;
use crate::report::facts_status::FactsStatus;
use crate::report::patch_status::{PatchState, PatchStatus};
use crate::report::status::Status;
use crate::session::session::Session;

impl<'a> Migrator<'a> {
    /// What a run would do now. Writes nothing and takes no lock.
    ///
    /// # Errors
    ///
    /// All reasons to refuse; or the history can't be read.
    pub async fn plan<'s>(&self, source: impl IntoSource<'s>) -> Result<Plan<'a>> {
        self.check()?;
        self.plan_of(self.viewed(&source.into_source()).await?)
    }

    fn plan_of(&self, view: HistoryView) -> Result<Plan<'a>> {
        let mut plan = view.plan(self)?;
        plan.steps.retain(|step| step.bundle.name() != HISTORY_BUNDLE);
        plan.bundles.retain(|position| position.bundle.name() != HISTORY_BUNDLE);
        Ok(plan)
    }

    /// Holds when a run would find nothing to do, and the facts are true. Writes nothing and takes no lock.
    ///
    /// # Errors
    ///
    /// `Pending`, with the patches that are missing; `Drift`, with the facts that don't hold and what would fix them;
    /// all reasons to refuse; or the history can't be read. Everything that is wrong is reported at once.
    pub async fn verify<'s>(&self, source: impl IntoSource<'s>) -> Result<()> {
        let source = source.into_source();
        self.check()?;
        let (patches, revisions) = match self.viewed(&source).await {
            Ok(view) => {
                let lines = self.facts_lines(&view);
                (self.plan_of(view).map_or_else(Some, |plan| pending(&plan)), lines)
            }
            // If the server can't be asked, nothing more can be reported.
            Err(error) if self.bundles.iter().all(|bundle| bundle.facts().is_none()) => return Err(error),
            Err(error) => (Some(error), Vec::new()),
        };
        // If facts don't hold, it is enough to report that they don't.
        let facts = match self.verify_facts(&source).await {
            Ok(()) => revisions.iter().filter_map(FactsStatus::pending).collect(),
            Err(error) => vec![error],
        };
        Error::all(patches.into_iter().chain(facts).flat_map(Error::split)).map_or(Ok(()), Err)
    }

    async fn verify_facts(&self, source: &Source<'_>) -> Result<()> {
        let session = self.looking(source, "beginning to verify").await?;
        let verified = bundle_facts::verify(source, &session, &self.options, &self.bundles).await;
        session.end().await;
        verified
    }

    /// The state of each patch, even if a run would be refused. Writes nothing and takes no lock.
    ///
    /// # Errors
    ///
    /// The history can't be read.
    pub async fn status<'s>(&self, source: impl IntoSource<'s>) -> Result<Status> {
        let mut view = self.viewed(&source.into_source()).await?;
        let patches = self.bundles.iter().flat_map(|bundle| lines(bundle, &view.history)).collect();
        let facts = self.facts_lines(&view);
        match self.check() {
            Ok(()) => view.refused(self),
            Err(error) => view.problems.extend(error.split()),
        }
        Ok(Status { patches, facts, problem: Error::all(view.problems), notes: view.notes })
    }

    pub(super) fn facts_lines(&self, view: &HistoryView) -> Vec<FactsStatus> {
        let line = |bundle: &&Bundle| FactsStatus::of(bundle, &view.recorded, self.targets());
        self.bundles.iter().filter_map(line).collect()
    }

    /// A session that only reads. A pool's connection may have been used before, with settings that could interfere.
    pub(crate) async fn looking(&self, source: &Source<'_>, doing: &str) -> Result<Session> {
        let connection = source.reach(&self.options, Duration::ZERO).await?;
        let session = Session::unlocked(connection, &self.options, doing).await?;
        if !session.direct {
            session.takes_transactions(&self.options).await?;
        }
        Ok(session)
    }

    async fn viewed(&self, source: &Source<'_>) -> Result<HistoryView> {
        let session = self.looking(source, "reading the history").await?;
        let view = self.view(&session).await;
        session.end().await;
        view
    }
}

/// What is to be said of patches that are not applied.
fn pending(plan: &Plan<'_>) -> Option<Error> {
    if plan.is_empty() {
        return None;
    }
    let names = plan.steps.iter().map(|step| {
        let state = if step.started { ", interrupted" } else { "" };
        format!("{} {} ({}){state}", step.bundle.name(), step.patch.version(), step.patch.file())
    });
    let message = match plan.steps.len() {
        1 => "1 patch is not applied".to_owned(),
        many => format!("{many} patches are not applied"),
    };
    let error = names.fold(Error::new(ErrorKind::Pending, message), Error::note);
    Some(error.help("apply them: `Migrator::run`, or `cargo migrate up`"))
}

fn lines(bundle: &Bundle, history: &History) -> Vec<PatchStatus> {
    let rows: Vec<&Applied> = history.of(bundle.name()).collect();
    let squashed = rows.iter().filter(|row| row.baseline).map(|row| row.version).max();
    let fresh = rows.is_empty().then_some(bundle.baseline()).flatten();
    let stood_for = squashed.max(fresh.map(|baseline| baseline.version()));
    let line = |version, file: &str, state| PatchStatus {
        bundle: bundle.name().to_string(),
        version,
        file: file.to_owned(),
        state,
    };
    let squashed_here = bundle.baseline().map(|baseline| baseline.version());
    let known = |row: &Applied| {
        row.baseline || Some(row.version) <= squashed_here || bundle.patch(row.version).is_some()
    };
    let applied = rows.iter().map(|row| {
        let state = match (row.ended, known(row)) {
            (false, _) => PatchState::Interrupted,
            (true, true) => PatchState::Applied,
            (true, false) => PatchState::Unknown,
        };
        line(row.version, &row.file, state)
    });
    let waits = |patch: &&Patch| {
        Some(patch.version()) > stood_for && rows.iter().all(|row| row.version != patch.version())
    };
    let pending = fresh.into_iter().chain(bundle.patches().iter().filter(waits));
    let mut lines: Vec<_> = applied
        .chain(pending.map(|patch| line(patch.version(), patch.file(), PatchState::Pending)))
        .collect();
    lines.sort_by_key(|line| line.version);
    lines
}
