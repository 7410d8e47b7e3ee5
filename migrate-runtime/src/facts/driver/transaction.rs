//! A driver's transactions: how they begin and end, and what is built after them.

use std::future::Future;
use std::time::{Duration, Instant};

use embed_migrate_core::{Error, ErrorKind, Result, quote};
use tokio_postgres::error::{Severity, SqlState};
use tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::driver::Driver;
use super::open_transaction::{DEPLOYMENT, OpenTransaction, taking_back};
use crate::connection::backoff;
use crate::connection::rows::rows;
use crate::facts::deployment::after_commit::finish;
use crate::pipeline::notice_log::NoticeLog;
use crate::pipeline::outside_transaction::{OutsideTransaction, WRITES, build_timeout, role};
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::query::query_error::QueryError;
use crate::report::event::Event;
use crate::session::lock::key;
use crate::session::opening::Answer;
use crate::session::reset::{clean_after, clean_before};
use crate::session::server::SYNCHRONOUS;
use crate::session::server_process::{PROCESS_COLUMNS, ServerProcess};
use crate::session::session::Session;
use crate::session::synchronous_standby::confirmed;
use crate::session::watch::Watch;

const BEGINNING: &str = "beginning a deployment";

impl Driver {
    /// The transaction; it begins with the first call that needs it. The caller owns it until it is returned. If that
    /// never happens, its outcome is unknown.
    pub(crate) async fn begin(&mut self) -> Result<OpenTransaction> {
        self.refuse_abandoned()?;
        let mut first = None;
        if let Some(connection) = self.connection.take() {
            connection.tell(&|event| self.options.tell(event));
            if connection.notices().is_none() {
                self.options.tell(&Event::NoticesUnavailable);
            }
            let begin = |direct: &str| self.beginning("READ WRITE", "", &format!("NOT ({direct})"));
            let (session, answer) =
                Session::unlocked_with(connection, &self.options, BEGINNING, begin).await?;
            (self.session, first) = (Some(session), Some(answer));
        }
        self.set_out(true);
        if let Some(open) = self.open.take() {
            return Ok(open);
        }
        let begun = self.begun(first).await;
        if begun.as_ref().is_err_and(|error| is_lost(error) || self.session.is_none()) {
            self.session = None;
            return begun;
        }
        if begun.is_err() {
            // The caller gets the reason why it failed, not that of the rollback.
            let _ = self.take_back().await;
        }
        begun
    }

    /// Begins one with the migration lock, which is polled for: a waiter that blocks holds a snapshot, and CREATE INDEX
    /// CONCURRENTLY waits for snapshots. `first`: what came of the one that was begun while the session was opened.
    async fn begun(&mut self, first: Option<Answer>) -> Result<OpenTransaction> {
        let session = self.session()?;
        let begin = self.beginning_of(session);
        let first = match first {
            Some(first) => Some(self.begun_first(session, first, &begin).await),
            None => None,
        };
        let messages = self.wait(&begin, first, Some("ROLLBACK")).await?;
        let row = rows(&messages).last();
        let cell = |column| row.and_then(|row| row.get(column));
        let worker = self.session()?.worker(&messages);
        let schema = cell(1).unwrap_or("public").to_owned();
        let mut synchronous = cell(2).is_some();
        if let Some(session) = self.session.as_mut().filter(|session| session.direct) {
            // It was set so for the session.
            session.server.synchronous |= synchronous;
            synchronous = session.server.synchronous;
        }
        Ok(OpenTransaction { worker, schema, synchronous, failed: false, after: Vec::new() })
    }

    /// Checks the first transaction, which was begun as on a primary without a pooler; begins again if that was wrong.
    async fn begun_first(&self, session: &Session, first: Answer, begin: &str) -> Answer {
        let again = match (&first, session.server.standby) {
            (Ok(_), standby) if standby || !session.direct => format!("ROLLBACK;\n{begin}"),
            // Behind a pooler, the failure may come from state that another client left in the session.
            (Err(error), _) if !session.direct && is_of_statement(error) => format!("ROLLBACK;\n{begin}"),
            // A standby begins none that writes, and none begins in one that failed, which a pool's borrower left open.
            (Err(_), true) => begin.to_owned(),
            (Err(error), false) if error.code() == Some(&SqlState::IN_FAILED_SQL_TRANSACTION) => {
                begin.to_owned()
            }
            (Ok(_) | Err(_), _) => return first,
        };
        with_timeout(&self.options, session.simple_query(&again)).await
    }

    /// Records the result of an operation in the transaction. A connection that was lost or abandoned is closed, so that
    /// its lock is free; what it still does is cancelled.
    pub(crate) fn noted<T>(&mut self, open: OpenTransaction, done: Result<T>) -> Result<T> {
        self.open = Some(OpenTransaction { failed: open.failed || done.is_err(), ..open });
        self.landed(done)
    }

    fn landed<T>(&mut self, done: Result<T>) -> Result<T> {
        if done.as_ref().is_err_and(is_lost) {
            self.session = None;
        }
        self.set_out(false);
        done
    }

    /// Whether an operation is running.
    fn set_out(&mut self, busy: bool) {
        if let Some(session) = &mut self.session {
            session.busy = busy;
        }
    }

    /// Gives up the connection if the future of an active deployment was dropped: half of it may be done.
    pub(crate) fn refuse_abandoned(&mut self) -> Result<()> {
        if self.session.as_ref().is_none_or(|session| !session.busy) {
            return Ok(());
        }
        (self.session, self.open) = (None, None);
        Err(Error::new(
            ErrorKind::Connect,
            "an earlier operation was abandoned, and its connection was closed",
        )
        .help("connect again; changes that were not committed are rolled back"))
    }

    pub(crate) fn session(&self) -> Result<&Session> {
        self.session.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Connect, "the connection to the server was lost before")
                .help("connect again; changes that were not committed are rolled back")
        })
    }

    /// Takes the transaction back, and behind a pooler what outlasts it.
    pub(crate) async fn take_back(&mut self) -> Result<()> {
        let sql = taking_back(self.session()?);
        self.set_out(true);
        let ended = self.end(&sql).await;
        if ended.is_err() {
            self.session = None;
        }
        self.landed(ended)
    }

    async fn end(&self, sql: &str) -> Result<()> {
        let ended = with_timeout(&self.options, self.session()?.simple_query(sql)).await;
        ended.map(drop).map_err(|error| failure::own("ending the transaction", error))
    }

    /// Commits, does what is left for afterwards, and waits for a standby, in this order.
    pub(crate) async fn complete(&mut self, open: OpenTransaction) -> Result<()> {
        self.set_out(true);
        let committed = self.committed(&open).await;
        if let Err(error) = self.landed(committed) {
            // Behind a pooler it is still open if the statement before the commit was refused.
            if self.session.as_ref().is_some_and(|session| !session.direct) {
                let _ = self.take_back().await;
            }
            return Err(error);
        }
        self.set_out(true);
        let finished = self.finish(&open).await;
        self.landed(finished)?;
        // Over another connection: a process that waits for a standby does not look whether its client is there.
        match open.synchronous {
            true => confirmed(&self.source, &self.options).await,
            false => Ok(()),
        }
    }

    /// Commits, as long as the server checks what is deferred.
    async fn committed(&self, open: &OpenTransaction) -> Result<()> {
        let session = self.session()?;
        let mut sql = if session.direct { String::new() } else { clean_after() };
        if open.synchronous {
            sql += "SET LOCAL synchronous_commit = local;\n";
        }
        sql += "COMMIT";
        let answer = async {
            let answer = session.simple_query(&sql).await;
            answer.map(drop).map_err(|error| failure::own("ending the transaction", error))
        };
        let committed = self.watched(&open.worker, "committing a deployment", answer).await;
        committed.map_err(|error| match error.kind() {
            ErrorKind::Connect => error.note("it may be committed or not"),
            _ => error,
        })
    }

    /// Waits for something as long as the server works on it.
    pub(crate) async fn watched<T>(
        &self,
        worker: &ServerProcess,
        doing: &str,
        done: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let watch = self.watch(worker);
        let said = NoticeLog::facts(&self.options, "", None, watch.name);
        let done = self.session()?.hear(Some(said), watch.over(done)).await.0;
        done.map_err(|error| failure::own(doing, error))?
    }

    fn watch(&self, worker: &ServerProcess) -> Watch<'_> {
        let Driver { source, options, .. } = self;
        Watch { source, options, worker: worker.clone(), step: None, name: DEPLOYMENT }
    }

    /// Does what was left for after the transaction, each statement by itself, under the lock again.
    async fn finish(&mut self, open: &OpenTransaction) -> Result<()> {
        if open.after.is_empty() {
            return Ok(());
        }
        let lock = key(&self.options.history_schema);
        let take =
            format!("SELECT pg_catalog.pg_try_advisory_lock({lock}), {}", SETTINGS.map(current).join(", "));
        let taken = self.wait(&take, None, None).await;
        let taken = taken
            .map_err(|error| error.note("the transaction is committed; the steps after it are not done"))?;
        let done = self.built(open, &restored(rows(&taken).last())).await;
        // A connection that was lost or abandoned loses its lock too.
        if done.as_ref().is_err_and(is_lost) {
            return done;
        }
        let unlocked = self.end(&format!("SELECT pg_catalog.pg_advisory_unlock({lock})")).await;
        if unlocked.is_err() {
            self.session = None;
        }
        // Why something was not built says more than that the lock was not free at once.
        done.and(unlocked)
    }

    async fn built(&self, open: &OpenTransaction, restored: &str) -> Result<()> {
        let session = self.session()?;
        let lock_timeout = build_timeout(&self.options);
        for deployed in &open.after {
            let outside = OutsideTransaction {
                client: session,
                options: &self.options,
                settings: format!(
                    "{}{WRITES}SET statement_timeout = 0;\nSET lock_timeout = {};\n{}{}",
                    session.keep_again(&self.options),
                    lock_timeout.milliseconds(),
                    deployed.names(),
                    role(&self.options)
                ),
                restored: restored.to_owned(),
                watch: Some(self.watch(&open.worker)),
            };
            finish(outside, &deployed.after).await?;
        }
        Ok(())
    }

    /// Asks until the first value of the answer is no longer false; in between, ends what the question began.
    /// `first`: an answer that is there already.
    async fn wait(
        &self,
        ask: &str,
        mut first: Option<Answer>,
        otherwise: Option<&str>,
    ) -> Result<Vec<SimpleQueryMessage>> {
        let (started, mut attempt) = (Instant::now(), 0);
        loop {
            let messages = match first.take() {
                Some(answer) => answer,
                None => with_timeout(&self.options, self.session()?.simple_query(ask)).await,
            };
            let messages = messages.map_err(|error| failure::own(BEGINNING, error))?;
            if rows(&messages).last().and_then(|row| row.get(0)) != Some("f") {
                return Ok(messages);
            }
            let waited = started.elapsed();
            if waited >= self.options.lock_wait {
                let message = format!(
                    "another process holds the migration lock, and kept it for {} s",
                    waited.as_secs()
                );
                return Err(Error::new(ErrorKind::Locked, message).help("wait for it, and deploy again"));
            }
            if let Some(otherwise) = otherwise {
                self.end(otherwise).await?;
            }
            if attempt == 1 {
                self.options.tell(&Event::Waiting { waited, holder: None });
            }
            backoff::jittered(Duration::from_millis(20), attempt, Duration::from_millis(500)).await;
            attempt += 1;
        }
    }

    fn beginning_of(&self, session: &Session) -> String {
        // A role or a database may have it otherwise, and a standby has no choice.
        let mode = if session.server.standby { "READ ONLY" } else { "READ WRITE" };
        match session.direct {
            true => self.beginning(mode, "", "false"),
            false => {
                let keep = session.keep_each(&self.options);
                self.beginning(mode, &format!("{}{keep}", clean_before()), "true")
            }
        }
    }

    /// `before`: what comes first in it; `local`: whether settings are to end with it.
    fn beginning(&self, mode: &str, before: &str, local: &str) -> String {
        let lock = key(&self.options.history_schema);
        let mut sql = format!(
            "BEGIN ISOLATION LEVEL READ COMMITTED {mode}; {before}SET LOCAL standard_conforming_strings = on; "
        );
        if let Some(timeout) = self.options.lock_timeout {
            sql += &format!("SET LOCAL lock_timeout = {}; ", timeout.milliseconds());
        }
        if let Some(role) = &self.options.role {
            sql += &format!("SET LOCAL ROLE {}; ", quote::identifier(role));
        }
        sql += NO_ROLES_SCHEMA;
        sql + &format!(
            "SELECT CASE WHEN NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_try_advisory_xact_lock({lock}) END, \
             pg_catalog.current_schema(), \
             CASE WHEN {SYNCHRONOUS} THEN pg_catalog.set_config('synchronous_commit', 'local', {local}) END, {PROCESS_COLUMNS}"
        )
    }
}

/// Whether the server refused a statement, and keeps the connection. A pooler that refuses transactions closes it, and does
/// not say how severe its own errors are.
fn is_of_statement(error: &QueryError) -> bool {
    error.as_db_error().is_some_and(|db| db.parsed_severity() == Some(Severity::Error))
}

/// Whether nothing more is to be asked of the connection: it broke, or the server does not answer, or it has the commit and
/// waits for a standby.
fn is_lost(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Connect | ErrorKind::Node)
}

/// What is set for what comes after a transaction; else the session is its owner's.
const SETTINGS: [&str; 5] =
    ["role", "search_path", "default_transaction_read_only", "statement_timeout", "lock_timeout"];

fn current(setting: &str) -> String {
    format!("pg_catalog.current_setting('{setting}')")
}

/// Sets them as they were.
fn restored(were: Option<&SimpleQueryRow>) -> String {
    let value = |at: usize| were.and_then(|row| row.get(at)).unwrap_or_default();
    let set = |(name, at)| format!("pg_catalog.set_config('{name}', {}, false)", quote::literal(value(at)));
    let all: Vec<String> = SETTINGS.into_iter().zip(1..).map(set).collect();
    format!("SELECT {}", all.join(", "))
}

/// Facts that name no schema are not for one that has the role's name.
const NO_ROLES_SCHEMA: &str = r#"SELECT pg_catalog.set_config('search_path', CASE WHEN s.path OPERATOR(pg_catalog.=) '' THEN 'public' ELSE s.path END, true)
     FROM pg_catalog.regexp_replace(pg_catalog.regexp_replace(
     pg_catalog.current_setting('search_path'), '"[$]user" *, *', ''), '(, *)?"[$]user"', '') AS s (path); "#;
