use std::ops::Deref;
use std::time::{Duration, Instant};

use futures_util::future::{join, join3};
use migrate_core::{Bundle, Checksum, Error, ErrorKind, History, Result, quote};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::ask::{ask_history, within};
use crate::event::Event;
use crate::history::{Recorded, Schema, ahead_query, read_all, records_query, rows};
use crate::options::Options;
use crate::pid::announced_pid;
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
    /// By a lock of its own in each transaction, for behind a pooler each may go to another session.
    Transaction(i64),
    /// Not at all: on a standby nothing is written.
    None,
}

/// What the server said of itself.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) pid: i32,
    pub(crate) standby: bool,
    pub(crate) has_schema: bool,
    /// Whether the database is a node of a Slony cluster.
    pub(crate) slony: bool,
    /// Whether the server writes what logical replication needs.
    pub(crate) logical: bool,
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
    /// Takes the connection for good and waits for the lock. Where a history was seen, it is read in the same round trip.
    ///
    /// # Errors
    ///
    /// `Locked` where another process keeps the lock for longer than we may wait, with who and since when.
    pub(crate) async fn open(&self, connection: Connection, seen: bool) -> Result<Turn> {
        let connection = connection.take();
        let pid = announced_pid(&connection.cancel_token()).await;
        let key = key(&self.schema.name);
        // Where a pooler is in between, a session's lock or setting would stay with a session that is not ours.
        let direct = pid.map_or("false".to_owned(), |pid| {
            format!("pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {pid}")
        });
        let (watch, look) = (format!("{WATCH} WHERE {direct}"), self.look(key, &direct));
        let (watched, look, history) = join3(
            within(self.options, connection.simple_query(&watch)),
            within(self.options, connection.simple_query(&look)),
            async {
                match seen {
                    true => self.history(&connection).await.map(Some),
                    false => Ok(None),
                }
            },
        )
        .await;
        let (server, got) = answer(&look.map_err(|error| failure::own("taking the migration lock", error))?)?;
        let lock = match (server.standby, pid == Some(server.pid)) {
            (true, _) => Lock::None,
            (false, true) => Lock::Session,
            (false, false) => Lock::Transaction(key),
        };
        // A server whose system can't watch its clients refuses that setting.
        let session = Session { connection, server, lock, watched: watched.is_ok(), busy: false };
        if lock == Lock::Session && !got {
            return self.wait(session, key).await;
        }
        let history = match history? {
            Some(history) => history,
            // Somebody may have made it since.
            None if session.server.has_schema => self.history(&session).await?,
            None => History::default(),
        };
        Ok(Turn::Ours(Box::new(session), history))
    }

    /// Lets some time pass before the lock is asked for again.
    ///
    /// # Errors
    ///
    /// `Locked` where that has been going on for longer than we may wait.
    pub(crate) async fn wait_again(&self, since: Instant) -> Result<()> {
        let waited = since.elapsed();
        if waited >= self.options.lock_wait {
            return Err(
                kept(waited).help("run again once it is done; or allow more time: `Migrator::lock_wait`")
            );
        }
        pause::jittered(POLL_MOST, 0, self.options.lock_wait.saturating_sub(waited)).await;
        Ok(())
    }

    /// Polls, for a waiter that blocks holds a snapshot, and CREATE INDEX CONCURRENTLY waits for snapshots.
    async fn wait(&self, session: Session, key: i64) -> Result<Turn> {
        let started = Instant::now();
        let mut told: Option<Instant> = None;
        let mut attempt = 0;
        loop {
            let ahead = ahead_query(self.schema, self.bundles, &self.options.targets);
            let recorded = ask_history(&session, self.options, self.schema, &ahead);
            let take = format!("SELECT pg_catalog.pg_try_advisory_lock({key})");
            let taken = within(self.options, session.simple_query(&take));
            let (taken, recorded) = join(taken, recorded).await;
            let taken = taken.map_err(|error| failure::own("taking the migration lock", error))?;
            let got = rows(&taken).next().and_then(|row| row.get(0)) == Some("t");
            let recorded = recorded?.map(|messages| Recorded::parse(&messages)).transpose()?;
            if let Some(recorded) = recorded.filter(|recorded| self.is_current(recorded)) {
                return Ok(Turn::Done(recorded));
            }
            if got {
                let history = self.history(&session).await?;
                return Ok(Turn::Ours(Box::new(session), history));
            }
            let waited = started.elapsed();
            if waited >= self.options.lock_wait {
                return Err(self.locked(waited, &session).await);
            }
            if told.is_none_or(|told| told.elapsed() >= TELL_EVERY) && attempt > 0 {
                let holder = holders::of_lock(&session, key).await;
                self.options.tell(&Event::Waiting { waited, holder });
                told = Some(Instant::now());
            }
            pause::jittered(POLL, attempt, POLL_MOST.min(self.options.lock_wait.saturating_sub(waited)))
                .await;
            attempt += 1;
        }
    }

    /// Refuses a history of which somebody dropped a table: both are made by one patch.
    ///
    /// # Errors
    ///
    /// `Missing`, with the table that is; or the server can't be asked.
    pub(crate) async fn whole(&self, session: &Session, recorded: bool, history: &History) -> Result<()> {
        let gone = match (recorded, history.applied.is_empty()) {
            (true, true) => "patch",
            // They may have been made since.
            (false, false) => {
                match ask_history(session, self.options, self.schema, &records_query(self.schema)).await? {
                    None => "bundle",
                    Some(_) => return Ok(()),
                }
            }
            (true, false) | (false, true) => return Ok(()),
        };
        let schema = &self.schema.name;
        let message = format!("the history is there in part: the table `{schema}.{gone}` is missing");
        Err(Error::new(ErrorKind::Missing, message)
            .note("a run makes it together with the others, and nothing of ours drops it")
            .help(format!("restore the schema `{schema}` from a backup, all of its tables as of one time")))
    }

    /// What to say when the lock did not come free.
    pub(crate) async fn locked(&self, waited: Duration, session: &Session) -> Error {
        let error = kept(waited);
        match holders::of_lock(session, key(&self.schema.name)).await {
            Some(holder) => error
                .help(format!("wait for it, or end it: `SELECT pg_terminate_backend({})`", holder.pid))
                .note(format!("held by {holder}")),
            None => error.help("boot again, or allow more time: `Migrator::lock_wait`"),
        }
    }

    /// The history as it is; empty on a first boot.
    pub(crate) async fn history(&self, client: &Client) -> Result<History> {
        read_all(client, self.options, self.schema).await
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
            let mut found = recorded.iter().filter(|recorded| recorded.name == bundle.name);
            match (found.next(), found.next()) {
                (Some(recorded), None) => holds(recorded, bundle),
                // Two can't both be right.
                (Some(_), Some(_)) => false,
                (None, _) => bundle.head().is_none() && bundle.facts.is_none(),
            }
        })
    }

    /// The same settings again, after a patch may have changed them: by commands, which are not planned.
    pub(crate) fn keep_again(&self, session: &Session) -> String {
        if session.lock != Lock::Session {
            return String::new();
        }
        let name = self.options.application.as_deref().map(quote::literal);
        let name = name.map(|name| format!("SET application_name = {name};\n")).unwrap_or_default();
        let watch = if session.watched { "SET client_connection_check_interval = 500;\n" } else { "" };
        format!("SET standard_conforming_strings = on;\n{name}{watch}")
    }

    /// Takes the lock where the connection is the server's own, with settings that last as long as the session: of what
    /// strings mean our quoting and the lexer take for granted.
    fn look(&self, key: i64, direct: &str) -> String {
        let name = self.options.application.as_deref().map(quote::literal);
        let name = name.map(|name| {
            format!(", CASE WHEN {direct} THEN pg_catalog.set_config('application_name', {name}, false) END")
        });
        format!(
            "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(), \
             pg_catalog.to_regnamespace({}) IS NOT NULL, {SLONY}, pg_catalog.current_setting('wal_level'), \
             CASE WHEN {direct} AND NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_try_advisory_lock({key}) END, \
             CASE WHEN {direct} THEN pg_catalog.set_config('standard_conforming_strings', 'on', false) END{}",
            quote::literal(&self.schema.quoted),
            name.unwrap_or_default(),
        )
    }
}

/// Its schema may have any name; this sequence has one in all of them.
const SLONY: &str =
    "EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relname OPERATOR(pg_catalog.=) 'sl_local_node_id')";

/// Lets the server notice within half a second that we are gone, also while it works.
const WATCH: &str = "SELECT pg_catalog.set_config('client_connection_check_interval', '500', false)";

const POLL: Duration = Duration::from_millis(20);
const POLL_MOST: Duration = Duration::from_millis(500);
const TELL_EVERY: Duration = Duration::from_secs(5);

/// The migration lock's key. The server keeps advisory locks apart by database; the schema does the rest, so
/// that two histories in one database don't wait for each other.
pub(crate) fn key(schema: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *Checksum::of(format!("migrate lock {schema}")).bytes();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

fn kept(waited: Duration) -> Error {
    let message = format!("another process holds the migration lock, and kept it for {} s", waited.as_secs());
    Error::new(ErrorKind::Locked, message)
}

fn answer(messages: &[SimpleQueryMessage]) -> Result<(Server, bool)> {
    let row = rows(messages).next();
    let cell = |column| row.and_then(|row| row.get(column));
    let pid = cell(0).and_then(|pid| pid.parse().ok());
    let pid = pid.ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, "the server does not say which process serves us")
    })?;
    let server = Server {
        pid,
        standby: cell(1) == Some("t"),
        has_schema: cell(2) == Some("t"),
        slony: cell(3) == Some("t"),
        logical: cell(4) == Some("logical"),
    };
    Ok((server, cell(5) == Some("t")))
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
