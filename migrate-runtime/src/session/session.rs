use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use migrate_core::{Bundle, Checksum, Result, Step, Timeout, quote};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::keepalive::Keeper;
use super::server_process::{WORKER, Worker};
use super::watch::Watch;
use crate::connection::notice_stream::Notices;
use crate::connection::source::{Connection, Source};
use crate::history::others::history_tables::may_be_found;
use crate::history::read::rows;
use crate::history::schema::Schema;
use crate::options::options::Options;
use crate::report::notice::Said;
use crate::trust::untrusted_objects;

/// A connection of our own that holds the migration lock, or that knows why it needn't. The server notices soon when it is
/// gone, and commits of it wait for no standby.
///
/// Nothing is written without one. Dropping it closes the socket, which releases the lock, and cancels what
/// still runs.
pub(crate) struct Session {
    connection: Arc<Connection>,
    /// Lets the server hear of us while something else is waited for.
    keeper: Option<Keeper>,
    pub(crate) server: Server,
    pub(crate) lock: Lock,
    /// Whether it is always the same server process, whose settings are ours: no pooler is in between.
    pub(crate) direct: bool,
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
    /// By a lock of its own in each transaction: behind a pooler each may go to another session, and a driver keeps nobody
    /// out between two of them.
    Transaction(i64),
    /// Not at all: on a standby nothing is written.
    None,
}

/// What the server said of itself.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// Behind a pooler, the one that happened to be asked.
    pub(crate) worker: Worker,
    pub(crate) standby: bool,
    pub(crate) has_schema: bool,
    /// Whether there may be histories in other schemas, where that was asked.
    pub(crate) elsewhere: bool,
    /// Whether somebody else is known to own something in the database.
    pub(crate) strangers: bool,
    /// The bundles' schemas in which everybody may create.
    pub(crate) open: Option<String>,
    /// Whether the database is a node of a Slony cluster.
    pub(crate) slony: bool,
    /// Whether the server writes what logical replication needs.
    pub(crate) logical: bool,
    /// Whether it is asked over TCP, as far as it knows.
    pub(crate) tcp: bool,
    /// Whether a commit waits for a standby.
    pub(crate) synchronous: bool,
    /// The timeouts that the server knows and that would end the session by themselves.
    pub(crate) timeouts: Vec<&'static str>,
}

/// A role or a database may have them. Servers know the second since PostgreSQL 14, the third since 17.
const TIMEOUTS: [&str; 3] = ["statement_timeout", IDLE_SESSION_TIMEOUT, TRANSACTION_TIMEOUT];
const IDLE_SESSION_TIMEOUT: &str = "idle_session_timeout";
const TRANSACTION_TIMEOUT: &str = "transaction_timeout";

/// By these the server finds within a minute that our host vanished. The last one ends a client that is paused as well, so
/// it is not shorter than the others need. Through a pooler they would be set on the pooler's socket.
const SOCKET: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "60000"),
];

/// Whether a commit waits for a standby.
pub(crate) const SYNCHRONOUS: &str = "pg_catalog.current_setting('synchronous_standby_names') OPERATOR(pg_catalog.<>) '' \
    AND pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.<>) ALL ('{off,local}')";

impl Server {
    /// Takes the lock where the connection is the server's own, with settings that last as long as the session: of what
    /// strings mean our quoting and the lexer take for granted. `key`: the lock, where one is to be taken; `elsewhere`: whether
    /// other histories matter.
    pub(crate) fn look(
        options: &Options,
        bundles: &[&Bundle],
        schema: &Schema,
        key: Option<i64>,
        direct: &str,
        elsewhere: bool,
    ) -> String {
        let lock = key.map_or("NULL".to_owned(), |key| {
            format!(
                "CASE WHEN {direct} AND NOT pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_try_advisory_lock({key}) END"
            )
        });
        let name = options.application.as_deref().map(quote::literal);
        let name = name.map(|name| {
            format!(", CASE WHEN {direct} THEN pg_catalog.set_config('application_name', {name}, false) END")
        });
        let timeouts = TIMEOUTS.map(|timeout| {
            format!(
                "CASE WHEN pg_catalog.current_setting('{timeout}', true) IS NOT NULL \
                 THEN pg_catalog.set_config('{timeout}', '{}', NOT ({direct})) END",
                limit_of(timeout, options)
            )
        });
        let set = |name: &str, value: &str| format!("pg_catalog.set_config('{name}', '{value}', false)");
        let socket = SOCKET.map(|(name, value)| set(name, value)).join(" OPERATOR(pg_catalog.||) ");
        let idle = set(IDLE, &idle_limit(options).to_string());
        let local = set("synchronous_commit", "local");
        format!(
            "SELECT pg_catalog.pg_backend_pid(), pg_catalog.pg_is_in_recovery(), \
             pg_catalog.to_regnamespace({}) IS NOT NULL, {SLONY}, pg_catalog.current_setting('wal_level'), \
             {lock}, {}, {}, {}, CASE WHEN {direct} THEN pg_catalog.set_config('standard_conforming_strings', 'on', false) END, \
             pg_catalog.inet_client_addr() IS NOT NULL, {SYNCHRONOUS}, CASE WHEN {direct} THEN {idle} END, \
             CASE WHEN {direct} AND pg_catalog.inet_client_addr() IS NOT NULL THEN {socket} END, \
             CASE WHEN {direct} AND {SYNCHRONOUS} THEN {local} END{}, {WORKER}",
            quote::literal(&schema.quoted),
            if elsewhere { may_be_found(schema) } else { "false".to_owned() },
            timeouts.join(", "),
            untrusted_objects::open(bundles),
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
        let server = Server {
            worker: Worker { transaction: None, ..Worker::parse(messages)? },
            standby: cell(1) == Some("t"),
            has_schema: cell(2) == Some("t"),
            strangers: false,
            open: cell(7 + TIMEOUTS.len()).filter(|open| !open.is_empty()).map(str::to_owned),
            slony: cell(3) == Some("t"),
            logical: cell(4) == Some("logical"),
            elsewhere: cell(6) == Some("t"),
            tcp: cell(9 + TIMEOUTS.len()) == Some("t"),
            synchronous: cell(10 + TIMEOUTS.len()) == Some("t"),
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
    pub(crate) fn new(
        connection: Connection,
        server: Server,
        lock: Lock,
        direct: bool,
        watched: bool,
        options: &Options,
    ) -> Session {
        let connection = Arc::new(connection);
        let keeper = Keeper::start(&connection, options);
        Session { connection, keeper, server, lock, direct, watched, busy: false, notes: Vec::new() }
    }

    /// The process that works for the session, in a transaction that was opened. Behind a pooler each may have another one,
    /// which its opening tells.
    pub(crate) fn worker(&self, opening: &[SimpleQueryMessage]) -> Worker {
        let told = if self.direct { None } else { Worker::parse(opening).ok() };
        told.unwrap_or_else(|| self.server.worker.clone())
    }

    /// Looks whether the server works for the session, in a transaction that was opened.
    pub(crate) fn watch<'a>(
        &self,
        source: &'a Source<'a>,
        options: &'a Options,
        step: Option<&'a Step<'a>>,
        opening: &[SimpleQueryMessage],
    ) -> Watch<'a> {
        let name = step.map_or("deploy.yaml", |step| &step.patch.file);
        Watch { source, options, worker: self.worker(opening), step, name }
    }

    /// What the server says beside its answers, where we read the connection.
    pub(crate) fn notices(&self) -> Option<&Notices> {
        self.connection.notices()
    }

    /// Waits for something, and meanwhile tells what the server says.
    pub(crate) async fn hear<T>(&self, mut said: Option<Said<'_>>, answer: impl Future<Output = T>) -> T {
        let tell = |notice| said.iter_mut().for_each(|said| said.say(&notice));
        match self.notices() {
            Some(notices) => notices.hear(answer, tell).await,
            None => answer.await,
        }
    }

    /// Says goodbye, so that the lock is free though somebody else may hold the socket: a child that a callback forked.
    pub(crate) async fn end(mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.stop().await;
        }
        let (connection, lock) = (self.connection.clone(), self.lock);
        drop(self);
        match Arc::try_unwrap(connection) {
            Ok(Connection::Own(link)) => link.close().await,
            Ok(connection) => unlock(&connection, lock).await,
            Err(connection) => unlock(&connection, lock).await,
        }
    }

    /// The same settings again, after a patch may have changed them: by commands, which are not planned.
    pub(crate) fn keep_again(&self, options: &Options) -> String {
        if !self.direct {
            return String::new();
        }
        let name = options.application.as_deref().map(quote::literal);
        let name = name.map(|name| format!("SET application_name = {name};\n")).unwrap_or_default();
        let watch = if self.watched { "SET client_connection_check_interval = 500;\n" } else { "" };
        let limit = |name: &&str| format!("SET {name} = {};\n", limit_of(name, options));
        let timeouts: String = self.server.timeouts.iter().map(limit).collect();
        let idle = idle_limit(options);
        let set = |(name, value)| format!("SET {name} = {value};\n");
        let socket = if self.server.tcp { SOCKET.map(set).concat() } else { String::new() };
        let local = if self.server.synchronous { "SET synchronous_commit = local;\n" } else { "" };
        format!(
            "SET standard_conforming_strings = on;\nSET {IDLE} = {idle};\n{name}{watch}{timeouts}{socket}{local}"
        )
    }

    /// What each transaction sets for itself behind a pooler.
    pub(crate) fn keep_each(&self, options: &Options) -> String {
        if self.direct {
            return String::new();
        }
        let watch = if self.watched { "SET LOCAL client_connection_check_interval = 500;\n" } else { "" };
        let timeout = match self.server.timeouts.contains(&TRANSACTION_TIMEOUT) {
            true => format!("SET LOCAL {TRANSACTION_TIMEOUT} = 0;\n"),
            false => String::new(),
        };
        format!("SET LOCAL {IDLE} = {};\n{watch}{timeout}", idle_limit(options))
    }
}

const IDLE: &str = "idle_in_transaction_session_timeout";

fn idle_limit(options: &Options) -> u32 {
    Timeout::from(options.idle_limit).milliseconds()
}

/// A lock that is held between two transactions is held too long like any other; a transaction may take its time.
fn limit_of(timeout: &str, options: &Options) -> u32 {
    if timeout == IDLE_SESSION_TIMEOUT { idle_limit(options) } else { 0 }
}

async fn unlock(connection: &Connection, lock: Lock) {
    if lock == Lock::Session {
        // Where the server can't be asked, the lock goes with the connection.
        let all = connection.simple_query("SELECT pg_catalog.pg_advisory_unlock_all()");
        drop(tokio::time::timeout(GOODBYE, all).await);
    }
}

/// How long a goodbye may take.
pub(crate) const GOODBYE: Duration = Duration::from_secs(1);

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
        let cancels = self.busy && self.direct;
        if let (true, Ok(runtime)) = (cancels, tokio::runtime::Handle::try_current()) {
            drop(runtime.spawn(self.connection.cancel()));
        }
    }
}
