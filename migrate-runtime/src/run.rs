use std::time::{Duration, Instant};

use futures_util::FutureExt;
use migrate_core::{
    Bundle, Error, ErrorKind, History, Kind, Limit, Plan, Reach, Result, Standing, Step, resolve_within,
};
use tokio_postgres::error::SqlState;

use crate::ask::{Unanswered, within};
use crate::backup::Backup;
use crate::concurrent::refuse_pooled;
use crate::create::{Created, created};
use crate::errand::Errand;
use crate::event::{Event, Holder};
use crate::flight::{Flight, Landing};
use crate::history::{NAME, Recorded, is_missing, stops_short};
use crate::report::{Done, FactsDone, Report, Stand};
use crate::script::{Frame, LOCKED, Script};
use crate::session::{Lock, Session};
use crate::{Migrator, failure, pause};

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
            self.show(&plan).await?;
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
                    report.notes.append(&mut self.created);
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
                Landing::Silent(limit) => {
                    let error = failure::own(RECORDING, Unanswered::Late(limit));
                    return Err(error.applied(self.names()));
                }
                Landing::Short { index, error, blockers } => {
                    if self.applied.len() > before {
                        tries = Tries { overtaken: tries.overtaken, ..Tries::default() };
                    }
                    tries.last = history.last();
                    // Somebody made it since we looked; whoever it was, the history is not read before that is known.
                    session.server.has_schema |= error.code() == Some(&SqlState::DUPLICATE_SCHEMA);
                    self.refused(session, &plan, index, error, blockers, &mut tries).boxed().await?;
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
        frame(self.errand, session)
    }

    async fn apply(&mut self, session: &mut Session, plan: &Plan<'_>, last: i64) -> Result<Landing> {
        let frame = self.frame(session);
        // All steps of a bundle stand together.
        let before = [None].into_iter().chain(plan.steps.iter().map(|step| Some(step.bundle.name.as_ref())));
        let begins = before.zip(&plan.steps).map(|(before, step)| before != Some(step.bundle.name.as_ref()));
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
            .zip(begins)
            .enumerate()
            .map(|(index, (step, begins))| match tree(index) {
                None => frame.script(step, begins),
                Some(created) if created.steps.start == index => created.script(&frame, plan, begins),
                // The first one's message has it.
                Some(_) => Ok(Script { opening: None, sql: String::new(), before: 0, skipped: 0 }),
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
        session.busy = true;
        let flight = Flight { session, source: self.errand.source, options: self.errand.options };
        let landing = flight.fly(&plan.steps, &scripts, record.as_deref()).await;
        session.busy = false;
        let landed = match &landing {
            Landing::Short { index, .. } => *index,
            Landing::Whole | Landing::Before(_) | Landing::Silent(_) => flying,
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
        Ok(match landing {
            Landing::Whole if flying < plan.steps.len() => Landing::Before(flying),
            landing => landing,
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

    /// Decides what a refused message means: try again, or give up with the reason.
    async fn refused(
        &self,
        session: &Session,
        plan: &Plan<'_>,
        index: usize,
        error: tokio_postgres::Error,
        blockers: Vec<Holder>,
        tries: &mut Tries,
    ) -> Result<()> {
        let options = self.errand.options;
        let usable = within(options, session.simple_query("ROLLBACK")).await.is_ok();
        let file = plan.steps.get(index).map_or("the record of the run", |step| &step.patch.file).to_owned();
        tries.all += 1;
        let pause = pause::length(RETRY, tries.all, RETRY_MOST);
        match refusal(&self.errand.schema.name, plan.steps.get(index), &error).filter(|_| usable) {
            Some(Refusal::NotOurTurn) if self.started.elapsed() < options.lock_wait => {
                options.tell(&Event::Waiting { waited: self.started.elapsed(), holder: None });
            }
            Some(Refusal::NotOurTurn) => {
                return Err(self.errand.locked(self.started.elapsed(), session).await);
            }
            // Whoever is faster brings the end nearer for us too.
            Some(Refusal::Overtaken)
                if self.started.elapsed() < options.lock_wait && tries.is_overtaken() =>
            {
                options.tell(&Event::Overtaken);
            }
            Some(Refusal::LockTimeout) if tries.timeouts < options.lock_retries => {
                tries.timeouts += 1;
                options.tell(&Event::Retrying { file, attempt: tries.timeouts, pause, blockers });
            }
            _ => return Err(self.give_up(session, plan, index, error, &blockers).await),
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    async fn give_up(
        &self,
        session: &Session,
        plan: &Plan<'_>,
        index: usize,
        error: tokio_postgres::Error,
        blockers: &[Holder],
    ) -> Error {
        let frame = self.frame(session);
        let Some(step) = plan.steps.get(index) else {
            return failure::own(RECORDING, error).applied(self.names());
        };
        let trees = created(self.errand.options, plan).unwrap_or_default();
        let tree = trees.iter().find(|created| created.steps.start == index);
        if let Some((created, script)) =
            tree.and_then(|created| Some((created, created.script(&frame, plan, false).ok()?)))
        {
            return created.failure(&script, error).applied(self.names());
        }
        let described = match (step.bundle.name == NAME, frame.script(step, false)) {
            (false, Ok(script)) => failure::patch(step, &script, error, blockers),
            _ => failure::own("making the history's tables", error),
        };
        // One synchronous commit, before we say what was applied: until then a crash could take it back.
        let failed = frame.failed(step, described.message());
        let recorded = within(self.errand.options, session.simple_query(&failed)).await;
        // Nothing can be taken back.
        if self.applied.is_empty() {
            return described;
        }
        let described = described.applied(self.names());
        let why = match recorded {
            Err(Unanswered::Refused(error)) if error.code().is_none_or(|code| !is_missing(code)) => {
                error.to_string()
            }
            Err(Unanswered::Late(_)) => "no answer".to_owned(),
            Ok(_) | Err(Unanswered::Refused(_)) => return described,
        };
        described.note(format!(
            "the commit that makes it last failed too ({why}): a crash of the server may have taken it back"
        ))
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
                format!("this server is a standby, and {steps} patches are pending"),
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
        each: if lock_each.is_some() { session.keep_each() } else { String::new() },
        keep,
        create_schema,
        nested: false,
        closing: String::new(),
    }
}

/// How many times in a row nothing of ours got in.
#[derive(Debug, Default)]
struct Tries {
    all: u32,
    /// Those for which a table's lock was to blame: only they are limited by number.
    timeouts: u32,
    /// The last row of the history that was read.
    last: i64,
    /// The same when somebody seemed to be faster, and how many times in a row it was that one.
    overtaken: (i64, u32),
}

impl Tries {
    /// Whether it can be that somebody was faster: whoever is leaves a row, unless the history was changed by hand.
    fn is_overtaken(&mut self) -> bool {
        self.overtaken = match self.overtaken {
            (before, times) if before == self.last => (before, times + 1),
            _ => (self.last, 1),
        };
        self.overtaken.1 < 3
    }
}

/// A refusal that passes.
enum Refusal {
    /// Behind a pooler: another process holds the migration lock.
    NotOurTurn,
    /// Another process applied what we were about to: behind a pooler, or after a patch of ours gave up the lock.
    Overtaken,
    /// A table's lock was not to be had in time, or only by a deadlock; or what somebody dropped vanished while the
    /// catalog was kept.
    LockTimeout,
}

fn refusal(schema: &str, step: Option<&Step<'_>>, error: &tokio_postgres::Error) -> Option<Refusal> {
    let db = error.as_db_error()?;
    let code = db.code();
    const CHAIN: [SqlState; 3] =
        [SqlState::UNIQUE_VIOLATION, SqlState::CHECK_VIOLATION, SqlState::NOT_NULL_VIOLATION];
    let chain = CHAIN.contains(code) && db.schema() == Some(schema);
    const MADE: [SqlState; 2] = [SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_SCHEMA];
    let tables = MADE.contains(code) && step.is_some_and(|step| step.bundle.name == NAME);
    if code.code() == LOCKED {
        Some(Refusal::NotOurTurn)
    } else if [SqlState::LOCK_NOT_AVAILABLE, SqlState::T_R_DEADLOCK_DETECTED].contains(code)
        || step.is_none() && failure::vanished(error)
    {
        Some(Refusal::LockTimeout)
    } else if chain || tables {
        Some(Refusal::Overtaken)
    } else {
        None
    }
}

const RECORDING: &str = "recording what was applied";

pub(crate) const RETRY: Duration = Duration::from_millis(100);
pub(crate) const RETRY_MOST: Duration = Duration::from_secs(5);
