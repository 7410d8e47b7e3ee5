//! Applies what is pending, in as many pipelines as it takes, and then the facts.

use embed_migrate_core::{
    Error, ErrorKind, HISTORY_BUNDLE, History, Kind, Limit, Plan, Reach, Result, Step, resolve_within,
};
use futures_util::FutureExt;
use tokio_postgres::error::{DbError, SqlState};

use super::refusal::RetryCount;
use crate::nontransactional::refusal::refuse_pooled;
use crate::pipeline::create_tree::{CreateTreeSteps, created};
use crate::pipeline::patch_failure;
use crate::pipeline::pipeline::{Pipeline, PipelineOutcome};
use crate::pipeline::refused_message::RefusedMessage;
use crate::pipeline::script::Script;
use crate::query::ask::with_timeout;
use crate::report::patch_status::PatchStatus;
use crate::report::report::{Report, are_pending};
use crate::run::context::RunContext;
use crate::run::run::{Run, begins};
use crate::session::lock::Lock;
use crate::session::session::Session;
use crate::session::synchronous_standby::confirmed;
use crate::trust::untrusted_search::{is_other_owner, open_note};

impl Run<'_> {
    /// Applies what is pending within a limit, and tries again if a lock was not free.
    pub(crate) async fn carry_out(
        &mut self,
        session: &mut Session,
        mut history: History,
        mut limit: Limit,
    ) -> Result<Report> {
        let mut tries = RetryCount::default();
        loop {
            let plan = resolve_within(self.context.bundles, &history, &self.context.options.targets, &limit)?;
            // What is read again after a part of it was applied is held to what was planned at first.
            let last = plan.steps.last().map_or(history.last(), |step| step.position);
            limit.reach = Reach::Position(last);
            self.check(session, &plan)?;
            if session.lock == Lock::None {
                return Ok(self.report(&plan));
            }
            self.show(session, &plan).await?;
            self.back_up(session).await?;
            let before = self.applied.len();
            match self.apply(session, &plan, history.last()).boxed().await? {
                PipelineOutcome::Completed => {
                    // Facts follow all patches.
                    if plan.left.is_empty() {
                        self.deploy_facts(session).boxed().await?;
                    }
                    self.note_backup(session).await?;
                    let mut report = self.report(&plan);
                    report.notes.extend(self.backup.note());
                    let open = session.server.open.as_deref().map(open_note);
                    report.notes.extend(open.filter(|_| !self.applied.is_empty() || !self.facts.is_empty()));
                    report.notes.append(&mut self.created);
                    report.notes.append(&mut session.notes);
                    return Ok(report);
                }
                PipelineOutcome::StoppedBefore(index) => {
                    match plan.steps.get(index) {
                        Some(step) if step.patch.kind() == Kind::Concurrent => {
                            self.concurrent(session, step).boxed().await?;
                        }
                        _ => self.frozen(session, &plan, index).boxed().await?,
                    }
                    tries = RetryCount::default();
                }
                PipelineOutcome::Refused(refused) => {
                    if self.applied.len() > before {
                        tries.anew();
                    }
                    tries.last = history.last();
                    // Somebody created it since we looked. The history is not read before its owner is known.
                    session.server.has_schema |= refused.error.code() == Some(&SqlState::DUPLICATE_SCHEMA);
                    // Who else is there, and what of it we would use, is asked then.
                    let message = refused.error.as_db_error().map(DbError::message);
                    session.server.other_owners |= message.is_some_and(is_other_owner);
                    self.refused(session, &plan, refused, &mut tries).boxed().await?;
                }
            }
            // Under a session lock nobody else writes, but only the history says what was committed.
            session.busy = true;
            let read = self.context.history(session).await;
            session.busy = false;
            history = read?;
        }
    }

    async fn apply(&mut self, session: &mut Session, plan: &Plan<'_>, last: i64) -> Result<PipelineOutcome> {
        let frame = self.pipeline_frame(session);
        // What waits for answers is no part of a pipeline.
        let waits = |step: &Step<'_>| step.patch.is_facts() || step.patch.kind() == Kind::Concurrent;
        let trees = created(self.context.options, plan)?;
        let tree = |index: usize| trees.iter().find(|created| created.steps.contains(&index));
        let mut steps = plan.steps.iter().enumerate();
        let pipelined = steps.position(|(index, step)| waits(step) && tree(index).is_none());
        let pipelined = pipelined.unwrap_or(plan.steps.len());
        let scripts: Vec<Script> = plan
            .steps
            .iter()
            .take(pipelined)
            .enumerate()
            .map(|(index, step)| match tree(index) {
                None => frame.script(step, begins(plan, index)),
                Some(created) if created.steps.start == index => created.script(&frame, plan),
                // The first one's message has it.
                Some(_) => Ok(Script::default()),
            })
            .collect::<Result<_>>()?;
        let changed: Vec<_> = plan.bundles.iter().filter(|position| self.has_changed(position)).collect();
        // While a patch is running, no record may say that everything is applied.
        if changed.is_empty() || plan.left.iter().any(|step| step.started) {
            return Ok(PipelineOutcome::Completed);
        }
        let last = plan.steps.last().map_or(last, |step| step.position);
        let record = match pipelined == plan.steps.len() {
            true => Some(frame.record(&changed, last, &plan.notes, self.to_keep_for())),
            false if pipelined == 0 => return Ok(PipelineOutcome::StoppedBefore(0)),
            false => None,
        };
        // What a standby has to confirm first is recorded after that.
        let (record, later) = match session.server.synchronous {
            true => (None, record),
            false => (record, None),
        };
        session.busy = true;
        let place = |index: usize, offset| match tree(index) {
            Some(created) => created.place(offset),
            None => plan.steps.get(index).map(|step| patch_failure::place_at(step, offset)),
        };
        let pipeline =
            Pipeline { session, source: self.context.source, options: self.context.options, place: &place };
        let landing = pipeline.send_all(&plan.steps, &scripts, record.as_deref()).await;
        session.busy = false;
        let landed = match &landing {
            PipelineOutcome::Refused(refused) => refused.index,
            PipelineOutcome::Completed | PipelineOutcome::StoppedBefore(_) => pipelined,
        };
        self.applied.extend(
            plan.steps
                .iter()
                .take(landed)
                .filter(|step| step.bundle.name() != HISTORY_BUNDLE)
                .map(|step| PatchStatus::applied(*step)),
        );
        let landed = trees.iter().filter(|created| created.steps.start < landed).map(CreateTreeSteps::what);
        self.created.extend(landed);
        match (landing, later) {
            (PipelineOutcome::Completed, _) if pipelined < plan.steps.len() => {
                Ok(PipelineOutcome::StoppedBefore(pipelined))
            }
            (PipelineOutcome::Completed, Some(record)) => {
                self.record_confirmed(session, pipelined, &record).await
            }
            (landing, _) => Ok(landing),
        }
    }

    /// Records what was applied, once a synchronous standby has it: until then no boot may take it for done.
    async fn record_confirmed(
        &self,
        session: &mut Session,
        index: usize,
        record: &str,
    ) -> Result<PipelineOutcome> {
        let RunContext { source, options, .. } = *self.context;
        confirmed(source, options).await.map_err(|error| error.applied(self.names()))?;
        session.busy = true;
        let recorded = with_timeout(options, session.simple_query(record)).await;
        session.busy = false;
        Ok(match recorded {
            Ok(_) => PipelineOutcome::Completed,
            Err(error) => {
                PipelineOutcome::Refused(RefusedMessage { index, error, blockers: Vec::new(), done: 0 })
            }
        })
    }

    /// Refuses what this server can't be brought to, before anything is written.
    ///
    /// # Errors
    ///
    /// `Standby` if something is pending on a standby; `Unsupported` if a concurrent patch is pending behind a pooler.
    pub(crate) fn check(&self, session: &Session, plan: &Plan<'_>) -> Result<()> {
        if session.lock == Lock::None {
            return self.on_standby(plan);
        }
        let concurrent = plan.steps.iter().find(|step| step.patch.kind() == Kind::Concurrent);
        concurrent.map_or(Ok(()), |step| refuse_pooled(session, step))
    }

    fn on_standby(&self, plan: &Plan<'_>) -> Result<()> {
        if let (true, Some(bundle)) = (plan.steps.is_empty(), self.without_facts().first()) {
            let message = format!(
                "this server is a standby, and the facts of bundle `{}` are not deployed",
                bundle.name()
            );
            return Err(Error::new(ErrorKind::Standby, message)
                .help("run against the primary; or wait until the standby has replayed the deployment"));
        }
        let steps = plan.steps.iter().filter(|step| step.bundle.name() != HISTORY_BUNDLE).count();
        match plan.steps.is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Standby,
                format!("this server is a standby, and {}", are_pending(steps)),
            )
            .help("run against the primary; or wait until the standby has replayed the patches")),
        }
    }
}
