use std::sync::atomic::Ordering;

use embed_migrate_core::{Error, HISTORY_BUNDLE, Plan, Result, Step};
use tokio_postgres::error::SqlState;

use crate::connection::backoff;
use crate::history::missing_table::is_missing;
use crate::pipeline::create_tree::created;
use crate::pipeline::patch_failure;
use crate::pipeline::refused_message::RefusedMessage;
use crate::pipeline::transaction_frame::LOCKED;
use crate::query::ask::with_timeout;
use crate::query::failure::may_pass;
use crate::query::query_error::QueryError;
use crate::query::{failure, missing_right};
use crate::report::event::Event;
use crate::run::run::{Run, begins};
use crate::session::reset::{PreparedStatements, left_prepared};
use crate::session::session::Session;
use crate::trust::untrusted_search::{is_found, is_other_owner};

impl Run<'_> {
    /// Decides what a refused message means: try again, or fail with the reason.
    pub(crate) async fn refused(
        &mut self,
        session: &Session,
        plan: &Plan<'_>,
        refused: RefusedMessage,
        tries: &mut RetryCount,
    ) -> Result<()> {
        let (options, step) = (self.context.options, plan.steps.get(refused.index));
        // Nothing is asked again of a server that does not answer.
        let usable =
            !refused.error.is_late() && session.roll_back(options, self.context.schema).await.is_ok();
        let file = step.map_or("the record of the run", |step| step.patch.file()).to_owned();
        if usable
            && left_prepared(refused.error.as_db_error())
            && self.prepared != PreparedStatements::Dropped
        {
            self.prepared = PreparedStatements::Dropped;
            return Ok(());
        }
        tries.all += 1;
        let pause = backoff::retry(tries.all);
        let refusal = refusal(&self.context.schema.name, step, &refused.error).filter(|_| usable);
        match refusal {
            Some(PassingCause::OtherOwner) => return Ok(()),
            Some(PassingCause::LockTaken) if self.started.elapsed() < options.lock_wait => {
                options.tell(&Event::Waiting { waited: self.started.elapsed(), holder: None });
            }
            Some(PassingCause::LockTaken) => {
                return Err(self.context.locked(self.started.elapsed(), session).await);
            }
            // A faster process also brings this one closer to the end.
            Some(PassingCause::Overtaken)
                if self.started.elapsed() < options.lock_wait && tries.is_overtaken() =>
            {
                options.tell(&Event::Overtaken);
            }
            Some(PassingCause::LockTimeout) if tries.timeouts < options.lock_retries => {
                tries.timeouts += 1;
                let blockers = refused.blockers;
                options.tell(&Event::Retrying { file, attempt: tries.timeouts, pause, blockers });
            }
            _ => return Err(self.give_up(session, plan, refused).await),
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Whether nothing of the step's bundle is applied, so that no patch of ours created what is there.
    fn begins(&self, plan: &Plan<'_>, step: &Step<'_>) -> bool {
        let mut positions =
            plan.bundles.iter().filter(|position| position.bundle.name() == step.bundle.name());
        let is_first = positions.next().is_some_and(|position| position.head.is_none());
        is_first && self.applied.iter().all(|done| done.bundle != step.bundle.name())
    }

    async fn give_up(&self, session: &Session, plan: &Plan<'_>, refused: RefusedMessage) -> Error {
        let RefusedMessage { index, error, blockers, done } = refused;
        let planted = error.as_db_error().is_some_and(|db| is_found(db.message()));
        let frame = self.pipeline_frame(session);
        let Some(step) = plan.steps.get(index) else {
            return failure::own(RECORDING, error).applied(self.names());
        };
        let trees = created(self.context.options, plan).unwrap_or_default();
        let tree = trees.iter().find(|created| created.steps.start == index);
        if let Some((created, script)) =
            tree.and_then(|created| Some((created, created.script(&frame, plan).ok()?)))
        {
            script.done.store(done, Ordering::Relaxed);
            return created.failure(&script, error).applied(self.names());
        }
        let late = error.is_late();
        let described = match (step.bundle.name() == HISTORY_BUNDLE, frame.script(step, begins(plan, index)))
        {
            (false, Ok(script)) => {
                script.done.store(done, Ordering::Relaxed);
                let built = is_with_existing_objects(&error) && self.begins(plan, step);
                let history = makes_history(&error, &self.context.schema.name);
                let described = patch_failure::patch(step, &script, error, &blockers);
                match built {
                    _ if history => history_in_dump(described, &self.context.schema.name),
                    true => self.with_existing_objects(session, plan, step, described).await,
                    false => described,
                }
            }
            _ => failure::own("making the history's tables", error),
        };
        // An event trigger may be what was planted.
        if planted && self.applied.is_empty() {
            return described;
        }
        if late {
            return described.applied(self.names());
        }
        // One synchronous commit, before we say what was applied: until then a crash could take it back.
        let failed = frame.failed(step, described.message());
        let recorded = with_timeout(self.context.options, session.simple_query(&failed)).await;
        let described = missing_right::explained(session, self.context.options, described).await;
        // Nothing can be rolled back.
        if self.applied.is_empty() {
            return described;
        }
        let described = described.applied(self.names());
        let why = match recorded {
            Err(QueryError::Refused(error)) if error.code().is_none_or(|code| !is_missing(code)) => {
                error.to_string()
            }
            Err(QueryError::Late(_) | QueryError::Unconfirmed(_)) => "no answer".to_owned(),
            Ok(_) | Err(QueryError::Refused(_)) => return described,
        };
        described.note(format!(
            "the commit that makes it last failed too ({why}): a crash of the server may have taken it back"
        ))
    }
}

/// Whether the server says that something is there already.
fn is_with_existing_objects(error: &QueryError) -> bool {
    const MADE: [SqlState; 4] = [
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::DUPLICATE_OBJECT,
        SqlState::DUPLICATE_FUNCTION,
    ];
    error.code().is_some_and(|code| MADE.contains(code))
}

/// Whether the server says that the schema of the history is there already: a dump of a database that was migrated makes it.
fn makes_history(error: &QueryError, schema: &str) -> bool {
    let quoted = format!("\"{schema}\"");
    error
        .as_db_error()
        .is_some_and(|db| *db.code() == SqlState::DUPLICATE_SCHEMA && db.message().contains(&quoted))
}

/// How many times in a row nothing of ours was applied.
#[derive(Debug, Default)]
pub(crate) struct RetryCount {
    all: u32,
    /// Those for which a table's lock was to blame: only they are limited by number.
    timeouts: u32,
    /// The last row of the history that was read.
    pub(crate) last: i64,
    /// The same when another process seemed to be faster, and how many times in a row it was the same process.
    overtaken: (i64, u32),
}

impl RetryCount {
    /// Something of ours was applied: the tries are counted again from the start.
    pub(crate) fn anew(&mut self) {
        (self.all, self.timeouts) = (0, 0);
    }

    /// Whether another process may have been faster: it leaves a row, unless the history was changed by hand.
    fn is_overtaken(&mut self) -> bool {
        self.overtaken = match self.overtaken {
            (before, times) if before == self.last => (before, times + 1),
            _ => (self.last, 1),
        };
        self.overtaken.1 < 3
    }
}

/// A refusal that passes.
enum PassingCause {
    /// Behind a pooler: another process holds the migration lock.
    LockTaken,
    /// Another process applied what we were about to: behind a pooler, or after a patch of ours released the lock.
    Overtaken,
    /// Another transaction blocked it, by a lock or otherwise; or an object was dropped while the catalog was
    /// kept.
    LockTimeout,
    /// Somebody else owns something in the database: the server has to be asked what that is.
    OtherOwner,
}

fn refusal(schema: &str, step: Option<&Step<'_>>, error: &QueryError) -> Option<PassingCause> {
    let db = error.as_db_error()?;
    let code = db.code();
    const CHAIN: [SqlState; 3] =
        [SqlState::UNIQUE_VIOLATION, SqlState::CHECK_VIOLATION, SqlState::NOT_NULL_VIOLATION];
    let chain = CHAIN.contains(code) && db.schema() == Some(schema);
    const MADE: [SqlState; 2] = [SqlState::DUPLICATE_TABLE, SqlState::DUPLICATE_SCHEMA];
    let tables = MADE.contains(code) && step.is_some_and(|step| step.bundle.name() == HISTORY_BUNDLE);
    if is_other_owner(db.message()) {
        Some(PassingCause::OtherOwner)
    } else if code.code() == LOCKED {
        Some(PassingCause::LockTaken)
    } else if may_pass(code) || step.is_none() && failure::vanished(error) {
        Some(PassingCause::LockTimeout)
    } else if chain || tables {
        Some(PassingCause::Overtaken)
    } else {
        None
    }
}

pub(crate) const RECORDING: &str = "recording the applied patches";

/// A patch that makes the history's own schema.
fn history_in_dump(described: Error, schema: &str) -> Error {
    described
        .note(format!("`{schema}` is the schema of the history, which every run makes by itself"))
        .help(format!("leave it out of the dump: `pg_dump --exclude-schema={schema}`"))
}
