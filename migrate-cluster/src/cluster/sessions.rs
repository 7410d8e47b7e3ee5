use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::LockHolder;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::cluster::Cluster;
use crate::server::server_error::server_error;

/// How often remaining sessions are ended.
const EVERY: Duration = Duration::from_millis(20);

/// Sessions that block a change.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sessions<'a> {
    /// The sessions in these databases.
    In(&'a [&'a str]),
    /// The sessions of this user.
    Of(&'a str),
}

// Without the text of the query, which may contain a password. Autovacuum leaves by itself.
const COLUMNS: &str = "SELECT a.pid, a.application_name, a.usename, \
    a.backend_start::pg_catalog.timestamptz(0)::pg_catalog.text, a.state FROM pg_catalog.pg_stat_activity AS a";

const OTHERS: &str =
    "a.pid <> pg_catalog.pg_backend_pid() AND a.backend_type IS DISTINCT FROM 'autovacuum worker'";

impl Sessions<'_> {
    /// Lists them, without our own session.
    pub(crate) async fn list(self, client: &Client) -> Result<Vec<LockHolder>> {
        let sql = format!("{COLUMNS} WHERE {} AND {OTHERS} ORDER BY a.pid", self.condition());
        let rows = self.ask(client, &sql).await?;
        Ok(rows.iter().map(holder).collect())
    }

    /// Ends them. Some may end a moment later.
    pub(crate) async fn end(self, client: &Client) -> Result<()> {
        let condition = self.condition();
        let sql = format!(
            "SELECT pg_catalog.pg_terminate_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a \
             WHERE {condition} AND {OTHERS}"
        );
        self.ask(client, &sql).await.map(drop)
    }

    fn condition(self) -> &'static str {
        match self {
            Sessions::In(_) => "a.datname = ANY ($1)",
            Sessions::Of(_) => "a.usename = $1",
        }
    }

    async fn ask(self, client: &Client, sql: &str) -> Result<Vec<Row>> {
        let (value, kind): (&(dyn ToSql + Sync), Type) = match &self {
            Sessions::In(names) => (names, Type::NAME_ARRAY),
            Sessions::Of(name) => (name, Type::NAME),
        };
        client.query_typed(sql, &[(value, kind)]).await.map_err(server_error("can't see or end sessions"))
    }
}

/// Runs work that waits for a database's sessions to end, and ends them meanwhile.
///
/// The server locks the database while it waits, so that nobody can connect again. It gives up after 5 s.
pub(crate) async fn while_ending_sessions<T>(
    cluster: &Cluster,
    names: &[&str],
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let link = cluster.connect_outside(names).await?;
    let mut work = std::pin::pin!(work);
    let mut refusal = None;
    loop {
        if let Ok(done) = tokio::time::timeout(EVERY, &mut work).await {
            return match refusal {
                Some(refusal) => done.map_err(|error| also(error, &refusal)),
                None => done,
            };
        }
        // A role that may not end them may still see them end.
        refusal = Sessions::In(names).end(&link.client).await.err().or(refusal);
    }
}

fn also(error: Error, refusal: &Error) -> Error {
    error.note(refusal.message())
}

/// The error for a database with other sessions.
pub(crate) async fn in_use(client: &Client, doing: &str, name: &str, cause: Error) -> Error {
    let error = Error::new(ErrorKind::InUse, format!("{doing}: others are connected to `{name}`"));
    let sessions = Sessions::In(&[name]).list(client).await.unwrap_or_default();
    let error = match sessions.is_empty() {
        // They ended meanwhile, or it was no session: a prepared transaction, a subscription, a replication slot.
        true => cause.notes().iter().fold(error, |error, note| error.note(note)),
        false => sessions.iter().fold(error, |error, holder| error.note(holder.to_string())),
    };
    error.help("wait for them, or end them: `ending_sessions()` (`--end-sessions`)")
}

fn holder(row: &Row) -> LockHolder {
    let text =
        |column: usize| row.try_get::<_, Option<&str>>(column).ok().flatten().unwrap_or_default().to_owned();
    LockHolder {
        pid: row.try_get(0).unwrap_or_default(),
        application: text(1),
        user: text(2),
        since: text(3),
        state: text(4),
        query: String::new(),
    }
}
