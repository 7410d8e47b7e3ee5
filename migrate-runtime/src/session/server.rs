use embed_migrate_core::{Bundle, Result, Timeout, quote};
use tokio_postgres::SimpleQueryMessage;

use super::server_process::{PROCESS_COLUMNS, ServerProcess};
use crate::connection::rows::rows;
use crate::history::others::history_tables::may_exist;
use crate::history::schema::HistorySchema;
use crate::options::options::Options;
use crate::trust::untrusted_search::{self, OtherOwners};

/// What the server says about itself.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// Behind a pooler, the process that happened to answer.
    pub(crate) worker: ServerProcess,
    pub(crate) standby: bool,
    pub(crate) has_schema: bool,
    /// Whether there may be histories in other schemas, if that was asked.
    pub(crate) other_histories: bool,
    /// Whether another role is known to own something in the database.
    pub(crate) other_owners: bool,
    /// The bundles' schemas in which everybody may create.
    pub(crate) open: Option<String>,
    /// Whether the database is a node of a Slony cluster.
    pub(crate) slony: bool,
    /// Whether the server's WAL has what logical replication needs.
    pub(crate) logical: bool,
    /// Whether the connection uses TCP, as far as the server knows.
    pub(crate) tcp: bool,
    /// Whether a commit waits for a standby.
    pub(crate) synchronous: bool,
    /// The timeouts that the server knows and that would end the session by themselves.
    pub(crate) timeouts: Vec<&'static str>,
}

/// A role or a database may set them. Servers know the second since PostgreSQL 14, the third since 17.
pub(crate) const TIMEOUTS: [&str; 3] = ["statement_timeout", IDLE_SESSION_TIMEOUT, TRANSACTION_TIMEOUT];

pub(crate) const IDLE_SESSION_TIMEOUT: &str = "idle_session_timeout";

pub(crate) const TRANSACTION_TIMEOUT: &str = "transaction_timeout";

/// With these settings the server notices within a minute that our host vanished. The last one also ends a client that
/// is paused, so it is not shorter than the others need. Through a pooler they would be set on the pooler's socket.
pub(crate) const SOCKET: [(&str, &str); 4] = [
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "60000"),
];

/// Whether a commit waits for a standby.
pub(crate) const SYNCHRONOUS: &str = "pg_catalog.current_setting('synchronous_standby_names') OPERATOR(pg_catalog.<>) '' \
    AND pg_catalog.current_setting('synchronous_commit') OPERATOR(pg_catalog.<>) ALL ('{off,local}')";

impl Server {
    /// What is asked before each patch, unless another role is known to own something. If everybody may create, so may
    /// a role that acts as a predefined role.
    pub(crate) fn gate(&self) -> Option<OtherOwners> {
        let gate = if self.open.is_some() { OtherOwners::Predefined } else { OtherOwners::Owners };
        (!self.other_owners).then_some(gate)
    }

    /// Takes the lock if the connection is the server's own, and makes settings that last as long as the session. One
    /// of them says what strings mean: our quoting and the lexer rely on it. `key`: the lock, if one is to be taken;
    /// `other_histories`: whether other histories matter.
    pub(crate) fn look(
        options: &Options,
        bundles: &[&Bundle],
        schema: &HistorySchema,
        key: Option<i64>,
        direct: &str,
        other_histories: bool,
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
             CASE WHEN {direct} AND {SYNCHRONOUS} THEN {local} END{}, {PROCESS_COLUMNS}",
            quote::literal(&schema.quoted),
            if other_histories { may_exist(schema) } else { "false".to_owned() },
            timeouts.join(", "),
            untrusted_search::open(bundles),
            name.unwrap_or_default(),
        )
    }

    /// Lets the server notice within half a second that we are gone, also while it works. Through a pooler it only
    /// asks whether the server can do so: there each transaction makes the setting for itself.
    pub(crate) fn watch(direct: &str) -> String {
        format!("SELECT pg_catalog.set_config('client_connection_check_interval', '500', NOT ({direct}))")
    }

    /// Reads the answer, and whether we have the lock.
    ///
    /// # Errors
    ///
    /// `Unsupported` if the server says nothing about itself.
    pub(crate) fn parse(messages: &[SimpleQueryMessage]) -> Result<(Server, bool)> {
        let row = rows(messages).next();
        let cell = |column| row.and_then(|row| row.get(column));
        let server = Server {
            worker: ServerProcess { transaction: None, ..ServerProcess::parse(messages)? },
            standby: cell(1) == Some("t"),
            has_schema: cell(2) == Some("t"),
            other_owners: false,
            open: cell(7 + TIMEOUTS.len()).filter(|open| !open.is_empty()).map(str::to_owned),
            slony: cell(3) == Some("t"),
            logical: cell(4) == Some("logical"),
            other_histories: cell(6) == Some("t"),
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

/// Slony's schema may have any name; this sequence has the same name in all of them.
pub(crate) const SLONY: &str =
    "EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relname OPERATOR(pg_catalog.=) 'sl_local_node_id')";

pub(crate) const IDLE: &str = "idle_in_transaction_session_timeout";

pub(crate) fn idle_limit(options: &Options) -> u32 {
    Timeout::from(options.idle_limit).milliseconds()
}

/// An idle session with the lock is limited as an idle transaction is; a transaction that works may take its time.
pub(crate) fn limit_of(timeout: &str, options: &Options) -> u32 {
    if timeout == IDLE_SESSION_TIMEOUT { idle_limit(options) } else { 0 }
}
