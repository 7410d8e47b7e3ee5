use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use migrate_core::{Bundle, Error, ErrorKind, History, Plan, Result, resolve};
use tokio_postgres::error::SqlState;

use crate::event::{Event, Holder};
use crate::flight::{Flight, Landing};
use crate::history::{NAME, Recorded, ahead_query, fast_query, missing_table, read_history, read_query};
use crate::report::{Done, Report, Stand};
use crate::script::{Frame, Script};
use crate::session::{Errand, Lock, Session, Turn};
use crate::source::{Connection, Source};
use crate::{Migrator, failure, pause};

impl Migrator<'_> {
    /// Brings the database to what the bundles say.
    ///
    /// An up-to-date database costs one round trip, one that is ahead two, and neither takes a lock. Otherwise the connection leaves its pool,
    /// takes the migration lock and applies all pending patches in one flight; dropping the future closes it and
    /// frees the lock within a second. Any number of processes may run this at once.
    ///
    /// # Errors
    ///
    /// All reasons to refuse, before anything is written; or the first patch that failed, with what was applied
    /// before it. What a failed run applied stays, and the next run goes on from there.
    pub async fn run<'s>(&self, source: impl Into<Source<'s>>) -> Result<Report> {
        self.boot(source.into()).await
    }

    // Boxed, so that it is compiled here once: the crate that calls an async function compiles it and all that it
    // awaits, with each edit of a patch again.
    fn boot<'f>(&'f self, source: Source<'f>) -> BoxFuture<'f, Result<Report>> {
        Box::pin(async move {
            let started = Instant::now();
            self.check()?;
            let (schema, bundles) = (self.schema(), self.all());
            let errand =
                Errand { source: &source, options: &self.options, schema: &schema, bundles: &bundles };
            let connection = source.connect().await?;
            let recorded = self.look(&errand, &connection).await?;
            if let Some(recorded) = recorded.filter(|recorded| errand.is_current(recorded)) {
                return Ok(stands(&bundles, &recorded, started));
            }
            match errand.open(connection).await? {
                Turn::Done(recorded) => Ok(stands(&bundles, &recorded, started)),
                Turn::Ours(session, history) => {
                    let mut run = Run { migrator: self, errand: &errand, applied: Vec::new() };
                    let mut report = run.carry_out(*session, history).await?;
                    report.elapsed = started.elapsed();
                    Ok(report)
                }
            }
        })
    }

    /// The one round trip of a boot that finds nothing to do, and another where the database may be ahead; `None`
    /// where there is no history yet.
    async fn look(&self, errand: &Errand<'_>, connection: &Connection) -> Result<Option<Vec<Recorded>>> {
        let recorded = self.ask(connection, fast_query(errand.schema)).await?;
        match recorded {
            Some(recorded) if errand.may_be_ahead(&recorded) => {
                self.ask(connection, ahead_query(errand.schema, errand.bundles, self.targets())).await
            }
            recorded => Ok(recorded),
        }
    }

    async fn ask(&self, connection: &Connection, query: String) -> Result<Option<Vec<Recorded>>> {
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
        let (lock_each, keep) = match session.lock {
            Lock::Transaction(key) => (Some(key), String::new()),
            Lock::Session | Lock::None => (None, self.errand.keep(session.watched)),
        };
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
        let record = frame.record(plan, plan.steps.last().map_or(last, |step| step.position), &plan.notes);
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
        let rolled_back = session.simple_query("ROLLBACK").await;
        let code = error.code().cloned();
        let retries = self.errand.options.lock_retries;
        let overtaken = matches!(session.lock, Lock::Transaction(_))
            && [
                SqlState::UNIQUE_VIOLATION,
                SqlState::FOREIGN_KEY_VIOLATION,
                SqlState::DUPLICATE_SCHEMA,
                SqlState::DUPLICATE_TABLE,
            ]
            .iter()
            .any(|state| code.as_ref() == Some(state));
        if rolled_back.is_ok() && overtaken && attempt <= retries {
            self.errand.options.tell(&Event::Overtaken);
            pause::jittered(RETRY, attempt, RETRY_MOST).await;
            return Ok(());
        }
        if rolled_back.is_ok() && code == Some(SqlState::LOCK_NOT_AVAILABLE) && attempt <= retries {
            let pause = pause::length(RETRY, attempt, RETRY_MOST);
            let file = plan.steps.get(index).map(|step| step.patch.file.to_string()).unwrap_or_default();
            self.errand.options.tell(&Event::Retrying { file, attempt, pause, blockers });
            tokio::time::sleep(pause).await;
            return Ok(());
        }
        Err(self.give_up(session, plan, index, error, &blockers).await)
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
