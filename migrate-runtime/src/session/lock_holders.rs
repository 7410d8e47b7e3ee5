use std::time::Duration;

use embed_migrate_core::{Result, quote, redact_statement};
use tokio_postgres::{Client, SimpleQueryRow};

use super::server_process::{ServerProcess, instant, started};
use crate::connection::rows::rows;
use crate::connection::source::Source;
use crate::query::failure;
use crate::query::query_error::QueryError;
use crate::report::lock_holder::LockHolder;

// The message is one transaction, and the path lasts as long. Not all operators can be named with their schema.
const COLUMNS: &str = "SET LOCAL search_path = pg_catalog, pg_temp; \
    SELECT a.pid, a.application_name, a.usename, \
    coalesce(a.xact_start, a.backend_start)::pg_catalog.timestamptz(0), a.state, pg_catalog.left(a.query, 4000) \
    FROM pg_catalog.pg_stat_activity AS a";

/// Who holds the migration lock of this database, if the server shows it.
pub(crate) async fn of_lock(client: &Client, key: i64) -> Option<LockHolder> {
    let (high, low) = halves(key);
    let sql = format!(
        "{COLUMNS} JOIN pg_catalog.pg_locks AS l USING (pid) JOIN pg_catalog.pg_database AS d ON d.oid = l.database \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = {high} AND l.objid = {low} \
         AND d.datname = pg_catalog.current_database()"
    );
    // The holder is an addition to another message: if nobody knows it, that is no error.
    ask(client, &sql).await.into_iter().next()
}

/// A subquery for the lock with this key, if the session holds it. The query's search path must be the catalog's.
pub(crate) fn own_lock(key: i64) -> String {
    let (high, low) = halves(key);
    format!(
        "SELECT FROM pg_locks AS l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
         AND l.classid = {high} AND l.objid = {low} AND l.pid = pg_backend_pid() \
         AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())"
    )
}

/// What a second connection sees of a process that works for us.
pub(crate) struct Observation {
    /// The processes that keep it from the lock that it waits for.
    pub(crate) blockers: Vec<LockHolder>,
    pub(crate) process: ProcessState,
}

/// The state of a process that works for us. A wait has a text that differs from that of the next wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProcessState {
    /// It works; or nothing is known.
    Works,
    /// It has nothing to do, and waits for us.
    Waits(String),
    /// Its commit waits for a synchronous standby.
    Commits(String),
    /// It is not there, or works for another client.
    Gone,
    /// Another server was asked.
    OtherServer,
}

/// The observation if nobody can look.
const UNKNOWN: Observation = Observation { blockers: Vec::new(), process: ProcessState::Works };

/// Looks at a process over a second connection. If the first host of a list that answers is another server, each host
/// of the list is tried.
///
/// # Errors
///
/// `Connect`: there is no second connection, or it gives no answer.
pub(crate) async fn observe(source: &Source<'_>, worker: &ServerProcess) -> Result<Observation> {
    let looked = observe_at(source, worker).await;
    if !looked.as_ref().is_ok_and(|look| look.process == ProcessState::OtherServer) {
        return looked;
    }
    for host in source.hosts() {
        let there = observe_at(&host, worker).await;
        if there.as_ref().is_ok_and(|look| look.process != ProcessState::OtherServer) {
            return there;
        }
    }
    looked
}

/// Looks at one server. It also asks how far a COPY is, if the server shows that.
async fn observe_at(source: &Source<'_>, worker: &ServerProcess) -> Result<Observation> {
    let ServerProcess { pid, tells_copies, server, transaction } = worker;
    let connection = match source.connect().await {
        // The pool has lent all its connections, and their users may wait for a lock of ours.
        Err(_) if source.has_lent_all() => return Ok(UNKNOWN),
        connection => connection?,
    };
    let copied = match tells_copies {
        true => "(SELECT p.bytes_processed FROM pg_catalog.pg_stat_progress_copy AS p WHERE p.pid = a.pid)",
        // Older servers don't show it, so a COPY counts as work.
        false => "pg_catalog.clock_timestamp()",
    };
    // A list of hosts, or a pooler, may lead to another server.
    let here = format!("{} = {}", started!(), quote::literal(server));
    let ours = transaction.as_ref().map_or("true".to_owned(), |began| {
        format!("{} IS NOT DISTINCT FROM {}", instant!("a.xact_start"), quote::literal(began))
    });
    let sql = format!(
        "{COLUMNS} WHERE {here} AND a.pid = ANY (pg_catalog.pg_blocking_pids({pid})); \
         SELECT {here}, a.state, a.wait_event, concat(a.state_change, ' ', {copied}), a.state <> 'disabled' AND NOT {ours} OR a.pid IS NULL \
         FROM (SELECT) AS s LEFT JOIN pg_stat_activity AS a ON a.pid = {pid}"
    );
    let asked = tokio::time::timeout(ANSWER, connection.simple_query(&sql)).await;
    let messages = match asked {
        Ok(answered) => {
            answered.map_err(|error| failure::own("finding the sessions that block it", error))?
        }
        // The pooler took the connection, and may have no server left for it: its other clients may wait for a lock of
        // ours.
        Err(_) if transaction.is_some() => {
            drop(connection.take());
            return Ok(UNKNOWN);
        }
        Err(_) => {
            drop(connection.take());
            return Err(failure::own("finding the sessions that block it", QueryError::Late(ANSWER)));
        }
    };
    let (own, blockers): (Vec<_>, Vec<_>) = rows(&messages).partition(|row| row.len() == 5);
    Ok(Observation {
        blockers: blockers.into_iter().map(holder).collect(),
        process: own.first().map_or(ProcessState::Works, |row| process(row)),
    })
}

fn process(row: &SimpleQueryRow) -> ProcessState {
    let text = |column| row.get(column).unwrap_or_default();
    match (text(1), text(2)) {
        _ if text(0) != "t" => ProcessState::OtherServer,
        _ if text(4) == "t" => ProcessState::Gone,
        ("active", "ClientRead") => ProcessState::Waits(text(3).to_owned()),
        ("active", "SyncRep") => ProcessState::Commits(text(3).to_owned()),
        (state, _) if state.starts_with("idle") => ProcessState::Waits(text(3).to_owned()),
        _ => ProcessState::Works,
    }
}

/// How long an answer may take that is only an addition to something else.
const ANSWER: Duration = Duration::from_secs(2);

async fn ask(client: &Client, sql: &str) -> Vec<LockHolder> {
    let asked = tokio::time::timeout(ANSWER, client.simple_query(sql)).await;
    let messages = asked.ok().and_then(std::result::Result::ok);
    messages.map(|messages| rows(&messages).map(holder).collect()).unwrap_or_default()
}

/// The key as `pg_locks` shows it.
fn halves(key: i64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = key.to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}

fn holder(row: &SimpleQueryRow) -> LockHolder {
    let text = |column| row.get(column).unwrap_or_default().to_owned();
    LockHolder {
        pid: row.get(0).and_then(|pid| pid.parse().ok()).unwrap_or_default(),
        application: text(1),
        user: text(2),
        since: text(3),
        state: text(4),
        // Passwords are removed before the text is cut: the rest of a statement may not show that it has one.
        query: redact_statement(&text(5)).chars().take(200).collect(),
    }
}
