use std::ops::Deref;

use migrate_core::{Checksum, Error, ErrorKind, Result, quote};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::history::{Schema, may_be_found, rows};
use crate::options::Options;
use crate::source::Connection;

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
    /// What was noticed before the run began.
    pub(crate) notes: Vec<String>,
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
    /// Whether there may be histories in other schemas, where that was asked.
    pub(crate) elsewhere: bool,
    /// Whether the database is a node of a Slony cluster.
    pub(crate) slony: bool,
    /// Whether the server writes what logical replication needs.
    pub(crate) logical: bool,
    /// The timeouts that the server knows and that would end the session by themselves.
    pub(crate) timeouts: Vec<&'static str>,
}

/// A role or a database may have them. Servers know the first since PostgreSQL 14, the second since 17.
const TIMEOUTS: [&str; 2] = ["idle_session_timeout", TRANSACTION_TIMEOUT];
const TRANSACTION_TIMEOUT: &str = "transaction_timeout";

impl Server {
    /// Takes the lock where the connection is the server's own, with settings that last as long as the session: of what
    /// strings mean our quoting and the lexer take for granted. `elsewhere`: whether other histories matter.
    pub(crate) fn look(
        options: &Options,
        schema: &Schema,
        key: i64,
        direct: &str,
        elsewhere: bool,
    ) -> String {
        let name = options.application.as_deref().map(quote::literal);
        let name = name.map(|name| {
            format!(", CASE WHEN {direct} THEN pg_catalog.set_config('application_name', {name}, false) END")
        });
        let timeouts = TIMEOUTS.map(|timeout| {
            format!(
                "CASE WHEN pg_catalog.current_setting('{timeout}', true) IS NOT NULL \
                 THEN pg_catalog.set_config('{timeout}', '0', NOT ({direct})) END"
            )
        });
        format!(
            "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(), \
             pg_catalog.to_regnamespace({}) IS NOT NULL, {SLONY}, pg_catalog.current_setting('wal_level'), \
             CASE WHEN {direct} AND NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_try_advisory_lock({key}) END, \
             {}, {}, CASE WHEN {direct} THEN pg_catalog.set_config('standard_conforming_strings', 'on', false) END{}",
            quote::literal(&schema.quoted),
            if elsewhere { may_be_found(schema) } else { "false".to_owned() },
            timeouts.join(", "),
            name.unwrap_or_default(),
        )
    }

    /// Lets the server notice within half a second that we are gone, also while it works. Through a pooler it only asks
    /// whether the server can: there each transaction says so for itself.
    pub(crate) fn watch(direct: &str) -> String {
        format!("SELECT pg_catalog.set_config('client_connection_check_interval', '500', NOT ({direct}))")
    }

    /// Reads the answer, and whether the lock is ours.
    ///
    /// # Errors
    ///
    /// `Unsupported` where the server says nothing of itself.
    pub(crate) fn parse(messages: &[SimpleQueryMessage]) -> Result<(Server, bool)> {
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
            elsewhere: cell(6) == Some("t"),
            timeouts: TIMEOUTS
                .into_iter()
                .zip(7..)
                .filter(|(_, at)| cell(*at).is_some())
                .map(|(name, _)| name)
                .collect(),
        };
        Ok((server, cell(5) == Some("t")))
    }
}

/// Its schema may have any name; this sequence has one in all of them.
const SLONY: &str =
    "EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relname OPERATOR(pg_catalog.=) 'sl_local_node_id')";

/// The migration lock's key. The server keeps advisory locks apart by database; the schema does the rest, so
/// that two histories in one database don't wait for each other.
pub(crate) fn key(schema: &str) -> i64 {
    let [a, b, c, d, e, f, g, h, ..] = *Checksum::of(format!("migrate lock {schema}")).bytes();
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}

impl Session {
    pub(crate) fn new(connection: Connection, server: Server, lock: Lock, watched: bool) -> Session {
        Session { connection, server, lock, watched, busy: false, notes: Vec::new() }
    }

    /// The same settings again, after a patch may have changed them: by commands, which are not planned.
    pub(crate) fn keep_again(&self, options: &Options) -> String {
        if self.lock != Lock::Session {
            return String::new();
        }
        let name = options.application.as_deref().map(quote::literal);
        let name = name.map(|name| format!("SET application_name = {name};\n")).unwrap_or_default();
        let watch = if self.watched { "SET client_connection_check_interval = 500;\n" } else { "" };
        let timeouts: String = self.server.timeouts.iter().map(|name| format!("SET {name} = 0;\n")).collect();
        format!("SET standard_conforming_strings = on;\n{name}{watch}{timeouts}")
    }

    /// What each transaction sets for itself behind a pooler.
    pub(crate) fn keep_each(&self) -> String {
        let watch = if self.watched { "SET LOCAL client_connection_check_interval = 500;\n" } else { "" };
        let timeout = match self.server.timeouts.contains(&TRANSACTION_TIMEOUT) {
            true => format!("SET LOCAL {TRANSACTION_TIMEOUT} = 0;\n"),
            false => String::new(),
        };
        watch.to_owned() + &timeout
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.connection
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Closing the socket is enough for the lock; the cancellation only makes it quicker. Not through a pooler: what
        // comes with the end of its client makes pgbouncer 1.18 end itself.
        let cancels = self.busy && self.lock == Lock::Session;
        if let (true, Ok(runtime)) = (cancels, tokio::runtime::Handle::try_current()) {
            drop(runtime.spawn(self.connection.cancel()));
        }
    }
}
