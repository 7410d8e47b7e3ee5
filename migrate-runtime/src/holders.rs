use std::time::Duration;

use migrate_core::{Result, redact_statement};
use tokio_postgres::{Client, SimpleQueryRow};

use crate::event::Holder;
use crate::history::rows;
use crate::source::Source;

// The path lasts as long as the message, which is a transaction: operators can't all be named with their schema.
const COLUMNS: &str = "SET LOCAL search_path = pg_catalog, pg_temp; \
    SELECT a.pid, a.application_name, a.usename, \
    coalesce(a.xact_start, a.backend_start)::pg_catalog.timestamptz(0), a.state, pg_catalog.left(a.query, 4000) \
    FROM pg_catalog.pg_stat_activity AS a";

/// Who holds the migration lock of this database, if the server tells.
pub(crate) async fn of_lock(client: &Client, key: i64) -> Option<Holder> {
    let (high, low) = halves(key);
    let sql = format!(
        "{COLUMNS} JOIN pg_catalog.pg_locks AS l USING (pid) JOIN pg_catalog.pg_database AS d ON d.oid = l.database \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.classid = {high} AND l.objid = {low} \
         AND d.datname = pg_catalog.current_database()"
    );
    // Only told beside something else: not to know it is no failure of its own.
    ask(client, &sql).await.into_iter().next()
}

/// The lock with this key where the session holds it, for a query whose search path is the catalog's.
pub(crate) fn own_lock(key: i64) -> String {
    let (high, low) = halves(key);
    format!(
        "SELECT FROM pg_locks AS l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
         AND l.classid = {high} AND l.objid = {low} AND l.pid = pg_backend_pid() \
         AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())"
    )
}

/// Who stands between a process and the lock that it waits for, asked over a second connection.
pub(crate) async fn blocking(source: &Source<'_>, pid: i32) -> Result<Vec<Holder>> {
    let connection = source.connect().await?;
    let sql = format!("{COLUMNS} WHERE a.pid = ANY (pg_catalog.pg_blocking_pids({pid}))");
    Ok(ask(&connection, &sql).await)
}

async fn ask(client: &Client, sql: &str) -> Vec<Holder> {
    let asked = tokio::time::timeout(Duration::from_secs(2), client.simple_query(sql)).await;
    let messages = asked.ok().and_then(std::result::Result::ok);
    messages.map(|messages| rows(&messages).map(holder).collect()).unwrap_or_default()
}

/// The key as `pg_locks` shows it.
fn halves(key: i64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = key.to_be_bytes();
    (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
}

fn holder(row: &SimpleQueryRow) -> Holder {
    let text = |column| row.get(column).unwrap_or_default().to_owned();
    Holder {
        pid: row.get(0).and_then(|pid| pid.parse().ok()).unwrap_or_default(),
        application: text(1),
        user: text(2),
        since: text(3),
        state: text(4),
        // Passwords go first: cut off from its end, a statement may not tell that it has one.
        query: redact_statement(&text(5)).chars().take(200).collect(),
    }
}
