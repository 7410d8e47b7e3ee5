use std::time::{Duration, Instant};

use futures_util::FutureExt;
use migrate_core::{
    Bundle, Error, ErrorKind, History, Kind, Limit, Plan, Reach, Result, Standing, Step, resolve_within,
};
use tokio_postgres::error::{DbError, SqlState};

use super::context::Errand;
use crate::apply::backup::Backup;
use crate::apply::refused::{Refused, Tries};
use crate::history::records::bundle_record::{Recorded, stops_short};
use crate::history::tables::own_bundle::NAME;
use crate::migrator::Migrator;
use crate::nontransactional::refusal::refuse_pooled;
use crate::pipeline::create_tree::{Created, created};
use crate::pipeline::pipeline::{Flight, Landing};
use crate::pipeline::script::{Frame, Script};
use crate::query::ask::within;
use crate::query::failure;
use crate::report::report::{Done, FactsDone, Report, Stand, are_pending};
use crate::session::clean::Prepared;
use crate::session::session::{Lock, Session};
use crate::session::synchronous_standby::confirmed;
use crate::trust::untrusted_objects::{is_somebody, open_note};

/// A run that has the lock.
pub(crate) struct Run<'a> {
    pub(crate) migrator: &'a Migrator<'a>,
    pub(crate) errand: &'a Errand<'a>,
    /// What the database said before we had the lock.
    pub(crate) recorded: Vec<Recorded>,
    pub(crate) started: Instant,
    pub(crate) applied: Vec<Done>,
    pub(crate) facts: Vec<FactsDone>,
    /// Whether rows come by replication, so that statements of concurrent patches that change rows are passed over.
    pub(crate) follows: bool,
    /// The node on which it is, where that is not the server that the run was given.
    pub(crate) node: Option<String>,
    pub(crate) backup: Backup,
    /// Whether what is pending was shown.
    pub(crate) shown: bool,
    /// What create trees did.
    pub(crate) created: Vec<String>,
    /// What becomes of statements that SQL prepares.
    pub(crate) prepared: Prepared,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        migrator: &'a Migrator<'a>,
        errand: &'a Errand<'a>,
        recorded: Vec<Recorded>,
    ) -> Run<'a> {
        Run {
            migrator,
            errand,
            recorded,
            started: Instant::now(),
            applied: Vec::new(),
            facts: Vec::new(),
            follows: false,
            node: None,
            backup: Backup::default(),
            shown: false,
            created: Vec::new(),
            prepared: Prepared::Refused,
        }
    }

    /// Applies what is pending within a limit, again and again where a lock was in the way.
    pub(crate) async fn carry_out(
        &mut self,
        session: &mut Session,
        mut history: History,
        mut limit: Limit,
    ) -> Result<Report> {
        let mut tries = Tries::default();
        loop {
            let plan = resolve_within(self.errand.bundles, &history, self.migrator.targets(), &limit)?;
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
                Landing::Whole => {
                    // Facts stand on top of all patches.
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
                Landing::Before(index) => {
                    match plan.steps.get(index) {
                        Some(step) if step.patch.kind == Kind::Concurrent => {
                            self.concurrent(session, step).boxed().await?;
                        }
                        _ => self.frozen(session, &plan, index).boxed().await?,
                    }
                    tries = Tries::default();
                }
                Landing::Short(refused) => {
                    if self.applied.len() > before {
                        tries.anew();
                    }
                    tries.last = history.last();
                    // Somebody made it since we looked; whoever it was, the history is not read before that is known.
                    session.server.has_schema |= refused.error.code() == Some(&SqlState::DUPLICATE_SCHEMA);
                    // Who else is there, and what of it we would use, is asked then.
                    let message = refused.error.as_db_error().map(DbError::message);
                    session.server.strangers |= message.is_some_and(is_somebody);
                    self.refused(session, &plan, refused, &mut tries).boxed().await?;
                }
            }
            // Under a session lock nobody else writes; but what landed is best known from the history.
            session.busy = true;
            let read = self.errand.history(session).await;
            session.busy = false;
            history = read?;
        }
    }

    pub(crate) fn frame<'f>(&'f self, session: &Session) -> Frame<'f> {
        Frame { prepared: self.prepared, ..frame(self.errand, session) }
    }

    /// How the scripts of a flight are wrapped.
    pub(crate) fn flying<'f>(&'f self, session: &Session) -> Frame<'f> {
        Frame { gate: !session.server.strangers, ..self.frame(session) }
    }

    async fn apply(&mut self, session: &mut Session, plan: &Plan<'_>, last: i64) -> Result<Landing> {
        let frame = self.flying(session);
        // What waits for answers is no part of a flight.
        let waits = |step: &Step<'_>| step.patch.is_facts() || step.patch.kind == Kind::Concurrent;
        let trees = created(self.errand.options, plan)?;
        let tree = |index: usize| trees.iter().find(|created| created.steps.contains(&index));
        let mut steps = plan.steps.iter().enumerate();
        let flying = steps.position(|(index, step)| waits(step) && tree(index).is_none());
        let flying = flying.unwrap_or(plan.steps.len());
        let scripts: Vec<Script> = plan
            .steps
            .iter()
            .take(flying)
            .enumerate()
            .map(|(index, step)| match tree(index) {
                None => frame.script(step, begins(plan, index)),
                Some(created) if created.steps.start == index => created.script(&frame, plan),
                // The first one's message has it.
                Some(_) => Ok(Script::default()),
            })
            .collect::<Result<_>>()?;
        let changed: Vec<_> = plan.standings.iter().filter(|standing| self.has_changed(standing)).collect();
        // While a patch is under way, no record may say that all is well.
        if changed.is_empty() || plan.left.iter().any(|step| step.started) {
            return Ok(Landing::Whole);
        }
        let last = plan.steps.last().map_or(last, |step| step.position);
        let record = match flying == plan.steps.len() {
            true => Some(frame.record(&changed, last, &plan.notes, self.to_keep_for())),
            false if flying == 0 => return Ok(Landing::Before(0)),
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
            None => plan.steps.get(index).map(|step| failure::place_at(step, offset)),
        };
        let flight =
            Flight { session, source: self.errand.source, options: self.errand.options, place: &place };
        let landing = flight.fly(&plan.steps, &scripts, record.as_deref()).await;
        session.busy = false;
        let landed = match &landing {
            Landing::Short(refused) => refused.index,
            Landing::Whole | Landing::Before(_) => flying,
        };
        self.applied.extend(
            plan.steps
                .iter()
                .take(landed)
                .filter(|step| step.bundle.name != NAME)
                .map(|step| Done::from(*step)),
        );
        let landed = trees.iter().filter(|created| created.steps.start < landed).map(Created::what);
        self.created.extend(landed);
        match (landing, later) {
            (Landing::Whole, _) if flying < plan.steps.len() => Ok(Landing::Before(flying)),
            (Landing::Whole, Some(record)) => self.record_confirmed(session, flying, &record).await,
            (landing, _) => Ok(landing),
        }
    }

    /// Records what was applied, once a synchronous standby has it: until then no boot may take it for done.
    async fn record_confirmed(&self, session: &mut Session, index: usize, record: &str) -> Result<Landing> {
        let Errand { source, options, .. } = *self.errand;
        confirmed(source, options).await.map_err(|error| error.applied(self.names()))?;
        session.busy = true;
        let recorded = within(options, session.simple_query(record)).await;
        session.busy = false;
        Ok(match recorded {
            Ok(_) => Landing::Whole,
            Err(error) => Landing::Short(Refused { index, error, blockers: Vec::new(), done: 0 }),
        })
    }

    /// Whether the bundle's record has to be written anew: patches are pending, or an edit was accepted.
    fn has_changed(&self, standing: &Standing<'_>) -> bool {
        let targets = self.migrator.targets();
        let is_recorded = |recorded: &Recorded| recorded.has_patches(standing.bundle, targets);
        let name = &standing.bundle.name;
        let mut recorded = self.recorded.iter().filter(|recorded| recorded.name == *name);
        standing.pending > 0 || !recorded.next().is_some_and(is_recorded) || recorded.next().is_some()
    }

    /// The bundles whose facts the database did not have when we looked.
    pub(crate) fn without_facts(&self) -> Vec<&'a Bundle> {
        let has = |bundle: &Bundle| {
            if self.errand.options.facts_again {
                return false;
            }
            let mut recorded = self.recorded.iter();
            recorded.any(|recorded| recorded.name == bundle.name && recorded.has_facts(bundle))
        };
        let bundles = self.errand.bundles.iter().copied();
        let targets = self.migrator.targets();
        bundles
            .filter(|bundle| bundle.facts.is_some() && !stops_short(bundle, targets) && !has(bundle))
            .collect()
    }

    /// The bundle for which the record keeps the catalog: one that has facts, unless some are still to be deployed, for
    /// that keeps it as well.
    fn to_keep_for(&self) -> Option<&Bundle> {
        let mut bundles = self.errand.bundles.iter().copied();
        bundles.rfind(|bundle| bundle.facts.is_some()).filter(|_| self.without_facts().is_empty())
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.applied.iter().map(|done| format!("{} {}", done.bundle, done.version)).collect()
    }

    /// Refuses what this server can't be brought to, before anything is written.
    ///
    /// # Errors
    ///
    /// `Standby` where something is pending on a standby; `Unsupported` where a concurrent patch is pending behind a pooler.
    pub(crate) fn check(&self, session: &Session, plan: &Plan<'_>) -> Result<()> {
        if session.lock == Lock::None {
            return self.on_standby(plan);
        }
        let concurrent = plan.steps.iter().find(|step| step.patch.kind == Kind::Concurrent);
        concurrent.map_or(Ok(()), |step| refuse_pooled(session, step))
    }

    fn on_standby(&self, plan: &Plan<'_>) -> Result<()> {
        if let (true, Some(bundle)) = (plan.steps.is_empty(), self.without_facts().first()) {
            let message = format!(
                "this server is a standby, and the facts of bundle `{}` are not deployed",
                bundle.name
            );
            return Err(Error::new(ErrorKind::Standby, message).help(
                "run against the primary; or wait until the standby has replayed what was deployed there",
            ));
        }
        let steps = plan.steps.iter().filter(|step| step.bundle.name != NAME).count();
        match plan.steps.is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                ErrorKind::Standby,
                format!("this server is a standby, and {}", are_pending(steps)),
            )
            .help("run against the primary; or wait until the standby has replayed what was applied there")),
        }
    }

    pub(crate) fn report(&self, plan: &Plan<'_>) -> Report {
        let standings = plan.standings.iter().filter(|standing| standing.bundle.name != NAME);
        let bundles = standings.map(|standing| Stand {
            bundle: standing.bundle.name.to_string(),
            head: standing.target,
            ahead: !standing.ahead.is_empty(),
        });
        Report {
            applied: self.applied.clone(),
            facts: self.facts.clone(),
            bundles: bundles.collect(),
            left: plan.left.iter().map(|step| Done::from(*step)).collect(),
            notes: plan.notes.clone(),
            elapsed: Duration::ZERO,
        }
    }
}

/// Whether a step is the first of its bundle: all of one bundle stand together.
pub(crate) fn begins(plan: &Plan<'_>, index: usize) -> bool {
    let bundle = |index: usize| plan.steps.get(index).map(|step| step.bundle.name.as_ref());
    index.checked_sub(1).and_then(bundle) != bundle(index)
}

/// How the scripts of a session are wrapped.
pub(crate) fn frame<'f>(errand: &'f Errand<'_>, session: &Session) -> Frame<'f> {
    let lock_each = match session.lock {
        Lock::Transaction(key) => Some(key),
        Lock::Session | Lock::None => None,
    };
    let keep = session.keep_again(errand.options);
    let create_schema = !session.server.has_schema;
    Frame {
        options: errand.options,
        schema: errand.schema,
        lock_each,
        each: if lock_each.is_some() { session.keep_each(errand.options) } else { String::new() },
        keep,
        create_schema,
        synchronous: session.server.synchronous,
        gate: false,
        strangers: session.server.strangers,
        apart: None,
        nested: false,
        closing: String::new(),
        prepared: Prepared::Refused,
    }
}

pub(crate) const RECORDING: &str = "recording what was applied";
