use std::ops::Deref;
use std::time::{Duration, Instant};

use futures_util::future::{join, join3};
use migrate_core::{Bundle, Checksum, Error, ErrorKind, History, Result, quote};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::event::{Event, Holder};
use crate::history::{Recorded, Schema, ahead_query, missing_table, read_history, read_query, rows};
use crate::options::Options;
use crate::pid::announced_pid;
use crate::pooler::is_transaction_pooled;
use crate::source::{Connection, Source};
use crate::{failure, holders, pause};

/// A connection of our own that holds the migration lock, or that knows why it needn't.
///
/// Nothing is written without one. Dropping it closes the socket, which releases the lock, and cancels what
/// still runs.
pub(crate) struct Session {
    connection: Connection,
    pub(crate) server: Server,
    pub(crate) lock: Lock,
    /// Whether the server looks, while it works, if we are still there.
    pub(crate) watched: bool,
    /// Set while a flight is out: what then gets dropped has something to cancel.
    pub(crate) busy: bool,
}

/// How the session keeps others out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lock {
    /// By a session lock, held until the connection closes.
    Session,
    /// By a lock of its own in each transaction, for a pooler hands each transaction to another session.
    Transaction(i64),
    /// Not at all: on a standby nothing is written.
    None,
}

/// What the server said of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Server {
    pub(crate) pid: i32,
    pub(crate) standby: bool,
    pub(crate) has_schema: bool,
}

/// What there is to do once it is our turn.
pub(crate) enum Turn {
    /// The history, read under the lock; empty on a first boot.
    Ours(Box<Session>, History),
    /// While we waited, another process did the work.
    Done(Vec<Recorded>),
}

/// What a session is opened for.
pub(crate) struct Errand<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) options: &'a Options,
    pub(crate) schema: &'a Schema,
    pub(crate) bundles: &'a [&'a Bundle],
}

impl Errand<'_> {
    /// Takes the connection for good and waits for the lock.
    ///
    /// # Errors
    ///
    /// `Locked` where another process keeps the lock for longer than we may wait, with who and since when.
    pub(crate) async fn open(&self, connection: Connection) -> Result<Turn> {
        let connection = connection.take();
        let pid = announced_pid(&connection.cancel_token()).await;
        let key = key(&self.schema.name);
        let condition = pid.map_or("false".to_owned(), |pid| {
            format!("pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {pid}")
        });
        let (keep, look, read) = (self.keep(true), self.look(key, &condition), read_query(self.schema));
        let (kept, look, history) = join3(
            connection.simple_query(&keep),
            connection.simple_query(&look),
            connection.simple_query(&read),
        )
        .await;
        let (server, got) = answer(&look.map_err(|error| failure::own("taking the migration lock", error))?)?;
        // A server whose system can't watch its clients refuses that setting.
        let mut session =
            Session { connection, server, lock: Lock::Session, watched: kept.is_ok(), busy: false };
        if server.standby {
            session.lock = Lock::None;
            return Ok(Turn::Ours(Box::new(session), self.parse(history)?));
        }
        if pid == Some(server.pid) {
            return match got {
                true => Ok(Turn::Ours(Box::new(session), self.parse(history)?)),
                false => self.wait(session, key).await,
            };
        }
        let probe = self.source.connect().await?;
        if is_transaction_pooled(&session, &probe).await? {
            // What was set for the session above may be anyone's session by now.
            session.lock = Lock::Transaction(key);
            let history = self.parse(session.simple_query(&read_query(self.schema)).await)?;
            return Ok(Turn::Ours(Box::new(session), history));
        }
        self.wait(session, key).await
    }

    /// Polls, for a waiter that blocks holds a snapshot, and CREATE INDEX CONCURRENTLY waits for snapshots.
    async fn wait(&self, session: Session, key: i64) -> Result<Turn> {
        let started = Instant::now();
        let mut told: Option<Instant> = None;
        let mut holder = None;
        for attempt in 0.. {
            let (look, ahead) =
                (self.look(key, "true"), ahead_query(self.schema, self.bundles, &self.options.targets));
            let (look, recorded) = join(session.simple_query(&look), session.simple_query(&ahead)).await;
            let (_, got) = answer(&look.map_err(|error| failure::own("taking the migration lock", error))?)?;
            let recorded = recorded
                .ok()
                .map(|messages: Vec<SimpleQueryMessage>| Recorded::parse(&messages))
                .transpose()?;
            if let Some(recorded) = recorded.filter(|recorded| self.is_current(recorded)) {
                return Ok(Turn::Done(recorded));
            }
            if got {
                let history = self.parse(session.simple_query(&read_query(self.schema)).await)?;
                return Ok(Turn::Ours(Box::new(session), history));
            }
            let waited = started.elapsed();
            if waited >= self.options.lock_wait {
                return Err(self.locked(waited, holders::of_lock(&session, key).await.or(holder)));
            }
            if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) && attempt > 0 {
                holder = holders::of_lock(&session, key).await.or(holder);
                self.options.tell(&Event::Waiting { waited, holder: holder.clone() });
                told = Some(Instant::now());
            }
            pause::jittered(POLL, attempt, POLL_MOST.min(self.options.lock_wait.saturating_sub(waited)))
                .await;
        }
        Err(self.locked(started.elapsed(), holder))
    }

    fn locked(&self, waited: Duration, holder: Option<Holder>) -> Error {
        let message =
            format!("another process holds the migration lock, and kept it for {} s", waited.as_secs());
        let error = Error::new(ErrorKind::Locked, message);
        match holder {
            Some(holder) => error
                .help(format!("wait for it, or end it: `SELECT pg_terminate_backend({})`", holder.pid))
                .note(format!("held by {holder}")),
            None => error.help("boot again, or allow more time: `Migrator::lock_wait`"),
        }
    }

    /// Whether the database needs nothing from this binary.
    pub(crate) fn is_current(&self, recorded: &[Recorded]) -> bool {
        self.all(recorded, |recorded, bundle| recorded.is_current(bundle, &self.options.targets))
    }

    /// Whether the same may come out when the database is asked for more.
    pub(crate) fn may_be_ahead(&self, recorded: &[Recorded]) -> bool {
        let targets = &self.options.targets;
        !self.is_current(recorded)
            && self.all(recorded, |recorded, bundle| {
                recorded.is_current(bundle, targets) || recorded.may_be_ahead(bundle, targets)
            })
    }

    /// Whether something holds for each bundle; an empty one needs no record.
    fn all(&self, recorded: &[Recorded], holds: impl Fn(&Recorded, &Bundle) -> bool) -> bool {
        self.bundles.iter().all(|bundle| {
            let found = recorded.iter().find(|recorded| recorded.name == bundle.name);
            found.map_or(bundle.head().is_none(), |recorded| holds(recorded, bundle))
        })
    }

    fn parse(
        &self,
        history: std::result::Result<Vec<SimpleQueryMessage>, tokio_postgres::Error>,
    ) -> Result<History> {
        match history {
            Ok(messages) => read_history(&messages),
            Err(error) if missing_table(&error) => Ok(History::default()),
            Err(error) => Err(failure::own("reading the history", error)),
        }
    }

    /// Settings that last as long as the session. The first lets the server notice within half a second that
    /// we are gone, also while it works; the second is what our quoting and the lexer take for granted.
    pub(crate) fn keep(&self, watched: bool) -> String {
        let watch = if watched { "SET client_connection_check_interval = 500;\n" } else { "" };
        let name = self.options.application.as_deref().map(quote::literal);
        let name = name.map(|name| format!("SET application_name = {name};\n")).unwrap_or_default();
        format!("SET standard_conforming_strings = on;\n{name}{watch}")
    }

    fn look(&self, key: i64, condition: &str) -> String {
        format!(
            "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(), \
             pg_catalog.to_regnamespace({}) IS NOT NULL, \
             CASE WHEN {condition} AND NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_try_advisory_lock({key}) END",
            quote::literal(&self.schema.quoted),
        )
    }
}

const POLL: Duration = Duration::from_millis(20);
const POLL_MOST: Duration = Duration::from_millis(500);
const TELL_EVERY: Duration = Duration::from_secs(5);

/// The migration lock's key. The server keeps advisory locks apart by database; the schema does the rest, so
/// that two histories in one database don't wait for each other.
pub(crate) fn key(schema: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *Checksum::of(format!("migrate lock {schema}")).bytes();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn answer(messages: &[SimpleQueryMessage]) -> Result<(Server, bool)> {
    let row = rows(messages).next();
    let cell = |column| row.and_then(|row| row.get(column));
    let pid = cell(0).and_then(|pid| pid.parse().ok());
    let pid = pid.ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, "the server does not say which process serves us")
    })?;
    let server = Server { pid, standby: cell(1) == Some("t"), has_schema: cell(2) == Some("t") };
    Ok((server, cell(3) == Some("t")))
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.connection
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Closing the socket is enough for the lock; the cancellation only makes it quicker.
        if let (true, Ok(runtime)) = (self.busy, tokio::runtime::Handle::try_current()) {
            drop(runtime.spawn(self.connection.cancel()));
        }
    }
}
