use std::time::Instant;

use embed_migrate_core::recover::{ObjectState, flaw};
use embed_migrate_core::{Class, Directives, Error, Result, Statement, Step};
use tokio_postgres::error::SqlState;

use super::catalog_state::look;
use super::patch_statement::PatchStatement;
use super::started_statement::StartedStatement;
use crate::options::options::Options;
use crate::pipeline::execute::execute;
use crate::pipeline::notice_log::NoticeLog;
use crate::pipeline::outside_transaction::{OutsideTransaction, StatementFailure};
use crate::pipeline::patch_failure;
use crate::pipeline::script::Script;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::query::ask::with_timeout;
use crate::query::failure::may_pass;
use crate::query::query_error::QueryError;
use crate::query::{failure, missing_right};
use crate::report::event::Event;
use crate::report::lock_holder::LockHolder;
use crate::report::patch_status::PatchStatus;
use crate::run::context::RunContext;
use crate::run::run::Run;
use crate::session::reset::{PreparedStatements, drop_prepared};
use crate::session::session::Session;
use crate::session::watch::Watch;
use crate::trust::untrusted_search::{is_other_owner, is_other_owner_error};

/// A concurrent patch that is being applied.
pub(super) struct ConcurrentPatch<'a> {
    pub(super) context: &'a RunContext<'a>,
    pub(super) session: &'a Session,
    pub(super) frame: &'a TransactionFrame<'a>,
    pub(super) step: &'a Step<'a>,
    pub(super) directives: &'a Directives,
    /// Whether what changes rows is done on another node and comes by replication.
    pub(super) follows: bool,
    /// The node, if it is not the run's own server.
    pub(super) node: Option<&'a str>,
}

impl Run<'_> {
    /// Applies a concurrent patch statement by statement, or continues one.
    ///
    /// # Errors
    ///
    /// A statement that fails, with what was applied before it: those before it stay done, and the next run continues
    /// with it. `Interrupted` if nothing shows whether a statement was carried out.
    pub(crate) async fn concurrent(&mut self, session: &mut Session, step: &Step<'_>) -> Result<()> {
        let started = Instant::now();
        session.busy = true;
        let mut done = self.statements(session, step).await;
        if !session.server.other_owners && done.as_ref().is_err_and(is_other_owner_error) {
            session.server.other_owners = true;
            let rolled = session.roll_back(self.context.options, self.context.schema).await;
            rolled.map_err(|error| failure::own("rolling a statement back", error).applied(self.names()))?;
            done = self.statements(session, &Step { started: true, ..*step }).await;
        }
        session.busy = false;
        if let Err(error) = done {
            let error = missing_right::explained(session, self.context.options, error).await;
            return Err(error.applied(self.names()));
        }
        let (patch, elapsed) = (PatchStatus::applied(*step), started.elapsed());
        self.context.options.tell(&Event::Applied { patch: patch.clone(), elapsed });
        self.applied.push(patch);
        Ok(())
    }
}

impl Run<'_> {
    async fn statements(&self, session: &Session, step: &Step<'_>) -> Result<()> {
        let frame = self.pipeline_frame(session);
        let work = ConcurrentPatch {
            context: self.context,
            session,
            frame: &TransactionFrame { prepared: PreparedStatements::Later, ..frame },
            step,
            directives: step.patch.directives()?,
            follows: self.follows,
            node: self.node.as_deref(),
        };
        work.carry_out().await
    }
}

impl ConcurrentPatch<'_> {
    pub(super) fn options(&self) -> &Options {
        self.context.options
    }

    async fn carry_out(&self) -> Result<()> {
        let begun = match self.step.started {
            true => {
                StartedStatement::of(self.session, self.options(), self.context.schema, self.step.position)
                    .await?
            }
            false => Vec::new(),
        };
        let statements: Vec<_> = self.step.patch.outline().statements().collect();
        self.check(&statements, &begun)?;
        self.write(&self.frame.started(self.step)?).await?;
        for (index, statement) in statements.iter().enumerate() {
            let number = index + 1;
            let begun = begun.iter().find(|begun| begun.number == number);
            if begun.is_none_or(|begun| !begun.ended) {
                self.statement(&self.part(number, statement), begun).await?;
            }
        }
        drop_prepared(self.session, self.options()).await.map_err(|error| self.unwritten(error))?;
        self.write(&self.frame.finished(self.step)).await
    }

    async fn statement(&self, part: &PatchStatement<'_>, begun: Option<&StartedStatement>) -> Result<()> {
        let class = part.statement.class;
        if self.follows && matches!(class, Class::Batch | Class::Rows | Class::Publication) {
            return self.write(&self.frame.passed_over(self.step, part)).await;
        }
        self.options().tell(&Event::statement(part.text));
        match class {
            Class::Batch => self.batches(part, begun).await,
            // It can't run in a transaction, and it is unknown how far it came.
            class if class.in_transaction() && begun.is_some() => {
                self.resume(part, begun, part.statement.refused_class(self.step.patch.text())).await
            }
            class if class.in_transaction() => self.inside(part).await,
            class => self.resume(part, begun, class).await,
        }
    }

    /// Runs a statement in a transaction with its row, or outside of one if the server says that it must.
    async fn inside(&self, part: &PatchStatement<'_>) -> Result<()> {
        let script = self.frame.inside(self.step, self.directives, part);
        let mut tries = 0;
        loop {
            let Err(broken) = self.send(&script).await else { return Ok(()) };
            let code = broken.error.code();
            const OUTSIDE: [SqlState; 2] =
                [SqlState::ACTIVE_SQL_TRANSACTION, SqlState::INVALID_TRANSACTION_TERMINATION];
            if code.is_some_and(|code| OUTSIDE.contains(code)) {
                self.roll_back().await?;
                let class = part.statement.refused_class(self.step.patch.text());
                return self.alone(part, ObjectState::default(), class).await;
            }
            self.again(&script, broken, &mut tries).await?;
        }
    }

    /// Runs a statement outside a transaction: a row before, the statement by itself, a look at what it did, the end.
    pub(super) async fn alone(
        &self,
        part: &PatchStatement<'_>,
        mut before: ObjectState,
        class: Class,
    ) -> Result<()> {
        let mut tries = 0;
        loop {
            self.write(&self.frame.before(self.step, part, &before)).await?;
            let script = Script::around("", part.text, "", part.skipped);
            if let Err(broken) = self.outside(class, &part.settings, part.text, &script).await? {
                // Lost with the connection: the next run finds out.
                if broken.error.as_db_error().is_none() || self.session.is_closed() {
                    return Err(self.failed(&script, broken));
                }
                if class == Class::Any {
                    return Err(self.partly(part, self.failed(&script, broken)));
                }
                let mut now = self.look(part).await?;
                // The server refused it, so nothing is done; what it left half done goes.
                if let Err(kept) = self.settle(&before, &mut now, part, refused(class), None).await {
                    return Err(kept_on(self.failed(&script, broken), &kept));
                }
                self.write(&self.frame.forgotten(self.step, part)).await?;
                self.again(&script, broken, &mut tries).await?;
                before = now;
                continue;
            }
            let now = self.look(part).await?;
            if let Some(flaw) = flaw(class, &now) {
                return Err(self.flawed(part, flaw, &now).await);
            }
            return self.write(&self.frame.after(self.step, part)).await;
        }
    }

    /// Runs SQL outside a transaction, with what the patch set before it; `text` is what the patch says.
    pub(super) async fn outside(
        &self,
        class: Class,
        settings: &str,
        text: &str,
        script: &Script,
    ) -> Result<std::result::Result<(), StatementFailure>> {
        let frame = self.frame;
        let outside = OutsideTransaction {
            client: self.session,
            options: self.options(),
            settings: frame.alone(self.step.bundle, self.directives, class) + settings,
            restored: frame.clean(text) + &frame.keep,
            watch: Some(self.watch()),
        };
        let run = self.hear(script, outside.run(&script.sql)).await;
        run.map_err(|error| self.unwritten(error))
    }

    /// Sends a statement, and meanwhile looks who is in its way.
    pub(super) async fn send(&self, script: &Script) -> std::result::Result<(), StatementFailure> {
        self.count(script).await.map(drop)
    }

    /// The same; how many rows its last statement changed.
    pub(super) async fn count(&self, script: &Script) -> std::result::Result<u64, StatementFailure> {
        let (watch, answer) = (self.watch(), execute(self.session, script));
        let (answer, blockers) = self.hear(script, watch.answer(answer)).await;
        answer.map_err(|error| StatementFailure { error, blockers })
    }

    /// Waits for something, and reports the server's messages about a statement meanwhile.
    pub(super) async fn hear<T>(&self, script: &Script, answer: impl Future<Output = T>) -> T {
        let place = |offset| Some(patch_failure::place_at(self.step, script.skipped + offset));
        let said = NoticeLog::patch(self.options(), self.step, script, &place);
        self.session.hear(Some(said), answer).await
    }

    fn watch(&self) -> Watch<'_> {
        let (source, options) = (self.context.source, self.options());
        self.session.watch(source, options, Some(self.step), &[])
    }

    /// Waits before another try, if a lock was not free.
    ///
    /// # Errors
    ///
    /// It was tried often enough, or something else is wrong.
    pub(super) async fn again(
        &self,
        script: &Script,
        broken: StatementFailure,
        tries: &mut u32,
    ) -> Result<()> {
        if self.lost_the_lock(broken.error.as_db_error()) {
            return Err(self.gave_up_the_lock());
        }
        // Nothing is asked again of a server that does not answer, nor before it is known what others created.
        let other_owner = broken.error.as_db_error().is_some_and(|db| is_other_owner(db.message()));
        if broken.error.is_late() || other_owner {
            return Err(self.failed(script, broken));
        }
        let usable = self.roll_back().await.is_ok();
        if !usable || !self.may_pass(&broken, *tries) {
            let error = self.failed(script, broken);
            // The error is reported whether or not it can be written to the history.
            let _ = self.write(&self.frame.noticed(self.step, "failed", error.message())).await;
            return Err(error);
        }
        self.pause(broken.blockers, tries).await;
        Ok(())
    }

    /// Whether it failed for a lock, and may be tried again.
    pub(super) fn may_pass(&self, broken: &StatementFailure, tries: u32) -> bool {
        broken.error.code().is_some_and(may_pass) && tries < self.options().lock_retries
    }

    pub(super) async fn pause(&self, blockers: Vec<LockHolder>, tries: &mut u32) {
        *tries += 1;
        self.options().retry(self.step, *tries, blockers).await;
    }

    /// Writes something of our own.
    pub(super) async fn write(&self, sql: &str) -> Result<()> {
        let written = with_timeout(self.options(), self.session.simple_query(sql)).await;
        written.map(drop).map_err(|error| self.unwritten(error))
    }

    fn unwritten(&self, error: QueryError) -> Error {
        match &error {
            error if self.lost_the_lock(error.as_db_error()) => self.gave_up_the_lock(),
            _ => failure::own("recording a concurrent patch", error),
        }
    }

    pub(super) async fn roll_back(&self) -> Result<()> {
        let rolled = self.session.roll_back(self.options(), self.context.schema).await;
        rolled.map_err(|error| self.unwritten(error))
    }

    pub(super) async fn look(&self, part: &PatchStatement<'_>) -> Result<ObjectState> {
        let after = if part.settings.is_empty() { String::new() } else { self.frame.restored() };
        let path = self.frame.path(self.step.bundle) + &part.settings;
        look(self.session, self.options(), &path, &after, part.statement, self.step.patch.text()).await
    }

    pub(super) fn part<'p>(&'p self, number: usize, statement: &'p Statement) -> PatchStatement<'p> {
        PatchStatement::of(self.step.patch, number, statement)
    }

    pub(super) fn failed(
        &self,
        script: &Script,
        StatementFailure { error, blockers }: StatementFailure,
    ) -> Error {
        patch_failure::patch(self.step, script, error, &blockers)
    }
}

/// The class by which is decided what a statement left that the server refused: one that may do anything did nothing
/// that could be found.
fn refused(class: Class) -> Class {
    match class {
        Class::Any | Class::EndPrepared => Class::Repeatable,
        class => class,
    }
}

/// The note if the leftovers of a failed statement could not be removed either.
pub(crate) fn kept_on(error: Error, kept: &Error) -> Error {
    let error = error
        .note(format!("its incomplete result is still there; the next run removes it: {}", kept.message()));
    kept.notes()
        .iter()
        .filter(|note| note.starts_with("the lock is held by"))
        .fold(error, |error, note| error.note(note.clone()))
}
