use std::time::{Duration, Instant};

use migrate_core::{Bundle, Error, ErrorKind, History, Plan, Result, Standing, Step, resolve};
use tokio_postgres::error::SqlState;

use crate::event::{Event, Holder};
use crate::flight::{Flight, Landing};
use crate::history::{NAME, Recorded, fast_query, missing_table, read_history, read_query};
use crate::report::{Done, Report, Stand};
use crate::script::{Frame, LOCKED, Script};
use crate::session::{Errand, Lock, Session, Turn};
use crate::source::{Connection, Source};
use crate::{Migrator, failure, pause};

impl Migrator<'_> {
    /// Brings the database to what the bundles say.
    ///
    /// An up-to-date database costs one round trip and takes no lock. Otherwise the connection leaves its pool,
    /// takes the migration lock and applies all pending patches in one flight; dropping the future closes it and
    /// frees the lock within a second. Any number of processes may run this at once.
    ///
    /// # Errors
    ///
    /// All reasons to refuse, before anything is written; or the first patch that failed, with what was applied
    /// before it. What a failed run applied stays, and the next run goes on from there.
    pub async fn run<'s>(&self, source: impl Into<Source<'s>>) -> Result<Report> {
        let started = Instant::now();
        self.check()?;
        let (source, schema, bundles) = (source.into(), self.schema(), self.all());
        let errand = Errand { source: &source, options: &self.options, schema: &schema, bundles: &bundles };
        let connection = source.connect().await?;
        let recorded = self.look(&errand, &connection).await?;
        if let Some(recorded) = recorded.as_ref().filter(|recorded| errand.is_current(recorded)) {
            return Ok(stands(&bundles, recorded, started));
        }
        match errand.open(connection).await? {
            Turn::Done(recorded) => Ok(stands(&bundles, &recorded, started)),
            Turn::Ours(session, history) => {
                let mut run = Run {
                    migrator: self,
                    errand: &errand,
                    recorded: recorded.unwrap_or_default(),
                    started,
                    applied: Vec::new(),
                };
                let mut report = run.carry_out(*session, history).await?;
                report.elapsed = started.elapsed();
                Ok(report)
            }
        }
    }

    /// The one round trip of a boot that finds nothing to do; `None` where there is no history yet.
    async fn look(&self, errand: &Errand<'_>, connection: &Connection) -> Result<Option<Vec<Recorded>>> {
        let query = fast_query(errand.schema, errand.bundles, self.targets());
        // The role's rights, but not on a connection that returns to its pool.
        let query = match &self.options.role {
            Some(role) => format!(
                "BEGIN READ ONLY; SET LOCAL ROLE {}; {query}; COMMIT",
                migrate_core::quote::identifier(role)
            ),
            None => query,
        };
        match connection.simple_query(&query).await {
            Ok(messages) => Recorded::parse(&messages).map(Some),
            Err(error) if missing_table(&error) => {
                if self.options.role.is_some() {
                    connection.simple_query("ROLLBACK").await.map_err(failure::lost)?;
                }
                Ok(None)
            }
            Err(error) => Err(failure::own("reading the history", error)),
        }
    }
}

/// A run that has the lock.
struct Run<'a> {
    migrator: &'a Migrator<'a>,
    errand: &'a Errand<'a>,
    /// What the database said before we had the lock.
    recorded: Vec<Recorded>,
    started: Instant,
    applied: Vec<Done>,
}

impl Run<'_> {
    async fn carry_out(&mut self, mut session: Session, mut history: History) -> Result<Report> {
        let mut attempt = 0;
        loop {
            let plan = resolve(self.errand.bundles, &history, self.migrator.targets())?;
            if session.lock == Lock::None {
                return self.on_standby(&plan);
            }
            let before = self.applied.len();
            match self.apply(&mut session, &plan, history.last()).await? {
                Landing::Whole => return Ok(self.report(&plan)),
                Landing::Short { index, error, blockers } => {
                    let progressed = self.applied.len() > before;
                    attempt = if progressed { 1 } else { attempt + 1 };
                    self.refused(&session, &plan, index, error, blockers, attempt).await?;
                }
            }
            // Under a session lock nobody else writes; but what landed is best known from the history.
            session.busy = true;
            let read = session.simple_query(&read_query(self.errand.schema)).await;
            session.busy = false;
            history = match read {
                Ok(messages) => read_history(&messages)?,
                Err(error) if missing_table(&error) => History::default(),
                Err(error) => return Err(failure::own("reading the history", error)),
            };
        }
    }

    fn frame<'f>(&'f self, session: &Session) -> Frame<'f> {
        let lock_each = match session.lock {
            Lock::Transaction(key) => Some(key),
            Lock::Session | Lock::None => None,
        };
        let keep = self.errand.keep_again(session);
        let create_schema = !session.server.has_schema;
        Frame {
            options: self.errand.options,
            schema: self.errand.schema,
            lock_each,
            keep,
            create_schema,
            nested: false,
        }
    }

    async fn apply(&mut self, session: &mut Session, plan: &Plan<'_>, last: i64) -> Result<Landing> {
        let frame = self.frame(session);
        let scripts: Vec<Script> = plan.steps.iter().map(|step| frame.script(step)).collect::<Result<_>>()?;
        let changed: Vec<_> = plan.standings.iter().filter(|standing| self.has_changed(standing)).collect();
        if changed.is_empty() {
            return Ok(Landing::Whole);
        }
        let last = plan.steps.last().map_or(last, |step| step.position);
        let record = frame.record(&changed, last, &plan.notes);
        session.busy = true;
        let flight = Flight { session, source: self.errand.source, options: self.errand.options };
        let landing = flight.fly(&plan.steps, &scripts, &record).await;
        session.busy = false;
        let landed = match &landing {
            Landing::Short { index, .. } => *index,
            Landing::Whole => plan.steps.len(),
        };
        self.applied.extend(
            plan.steps
                .iter()
                .take(landed)
                .filter(|step| step.bundle.name != NAME)
                .map(|step| Done::from(*step)),
        );
        Ok(landing)
    }

    /// Whether the bundle's record has to be written anew: patches are pending, or an edit was accepted.
    fn has_changed(&self, standing: &Standing<'_>) -> bool {
        let is_recorded = |recorded: &Recorded| {
            recorded.name == standing.bundle.name
                && recorded.is_current(standing.bundle, self.migrator.targets())
        };
        standing.pending > 0 || !self.recorded.iter().any(is_recorded)
    }

    /// Decides what a refused message means: try again, or give up with the reason.
    async fn refused(
        &self,
        session: &Session,
        plan: &Plan<'_>,
        index: usize,
        error: tokio_postgres::Error,
        blockers: Vec<Holder>,
        attempt: u32,
    ) -> Result<()> {
        let usable = session.simple_query("ROLLBACK").await.is_ok();
        let options = self.errand.options;
        let file = plan.steps.get(index).map(|step| step.patch.file.to_string()).unwrap_or_default();
        let pause = pause::length(RETRY, attempt, RETRY_MOST);
        match refusal(session, &self.errand.schema.name, plan.steps.get(index), &error).filter(|_| usable) {
            Some(Refusal::NotOurTurn) if self.started.elapsed() < options.lock_wait => {
                options.tell(&Event::Waiting { waited: self.started.elapsed(), holder: None });
            }
            Some(Refusal::NotOurTurn) => {
                return Err(self.errand.locked(self.started.elapsed(), session).await);
            }
            Some(Refusal::Overtaken) if attempt <= options.lock_retries => options.tell(&Event::Overtaken),
            Some(Refusal::LockTimeout) if attempt <= options.lock_retries => {
                options.tell(&Event::Retrying { file, attempt, pause, blockers });
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
            return failure::own("recording what was applied", error).applied(self.names());
        };
        let described = match (step.bundle.name == NAME, frame.script(step)) {
            (false, Ok(script)) => failure::patch(step, &script, error, blockers),
            _ => failure::own("making the history's tables", error),
        };
        // One synchronous commit, before we say what was applied: until then a crash could take it back.
        let recorded = session.simple_query(&frame.failed(step, described.message())).await;
        let described = described.applied(self.names());
        match recorded {
            Err(error) if !missing_table(&error) => {
                described.note(format!("the failure could not be recorded: {error}"))
            }
            _ => described,
        }
    }

    fn names(&self) -> Vec<String> {
        self.applied.iter().map(|done| format!("{} {}", done.bundle, done.version)).collect()
    }

    fn on_standby(&self, plan: &Plan<'_>) -> Result<Report> {
        let steps = plan.steps.iter().filter(|step| step.bundle.name != NAME).count();
        match plan.steps.is_empty() {
            true => Ok(self.report(plan)),
            false => Err(Error::new(
                ErrorKind::Standby,
                format!("this server is a standby, and {steps} patches are pending"),
            )
            .help("run against the primary; or wait until the standby has replayed what was applied there")),
        }
    }

    fn report(&self, plan: &Plan<'_>) -> Report {
        let standings = plan.standings.iter().filter(|standing| standing.bundle.name != NAME);
        let bundles = standings.map(|standing| Stand {
            bundle: standing.bundle.name.to_string(),
            head: standing.target,
            ahead: !standing.ahead.is_empty(),
        });
        Report {
            applied: self.applied.clone(),
            bundles: bundles.collect(),
            notes: plan.notes.clone(),
            elapsed: Duration::ZERO,
        }
    }
}

/// A refusal that passes.
enum Refusal {
    /// Behind a pooler: another process holds the migration lock.
    NotOurTurn,
    /// Behind a pooler: another process applied what we were about to.
    Overtaken,
    /// A table's lock was not to be had in time.
    LockTimeout,
}

fn refusal(
    session: &Session,
    schema: &str,
    step: Option<&Step<'_>>,
    error: &tokio_postgres::Error,
) -> Option<Refusal> {
    let db = error.as_db_error()?;
    let code = db.code();
    let shared = matches!(session.lock, Lock::Transaction(_));
    let chain = [SqlState::UNIQUE_VIOLATION, SqlState::FOREIGN_KEY_VIOLATION].contains(code)
        && db.schema() == Some(schema);
    let tables = *code == SqlState::DUPLICATE_TABLE && step.is_some_and(|step| step.bundle.name == NAME);
    if code.code() == LOCKED {
        Some(Refusal::NotOurTurn)
    } else if *code == SqlState::LOCK_NOT_AVAILABLE {
        Some(Refusal::LockTimeout)
    } else if shared && (chain || tables) {
        Some(Refusal::Overtaken)
    } else {
        None
    }
}

const RETRY: Duration = Duration::from_millis(100);
const RETRY_MOST: Duration = Duration::from_secs(5);

fn stands(bundles: &[&Bundle], recorded: &[Recorded], started: Instant) -> Report {
    let named = |bundle: &&&Bundle| bundle.name != NAME;
    let stand = |bundle: &&Bundle| {
        let recorded = recorded.iter().find(|recorded| recorded.name == bundle.name);
        let ahead = recorded.is_some_and(|recorded| recorded.is_ahead(bundle));
        Stand { bundle: bundle.name.to_string(), head: recorded.and_then(Recorded::head), ahead }
    };
    Report {
        bundles: bundles.iter().filter(named).map(stand).collect(),
        elapsed: started.elapsed(),
        ..Report::default()
    }
}
