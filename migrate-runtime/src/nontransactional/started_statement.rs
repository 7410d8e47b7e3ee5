use embed_migrate_core::recover::ObjectState;
use embed_migrate_core::{Checksum, Error, ErrorKind, Result};
use tokio_postgres::{Client, SimpleQueryRow};

use crate::connection::rows::rows;
use crate::history::ask::ask_history;
use crate::history::schema::HistorySchema;
use crate::options::options::Options;

/// A statement that was started, as the history has it.
#[derive(Debug, Clone)]
pub(crate) struct StartedStatement {
    /// From 1.
    pub(crate) number: usize,
    pub(crate) checksum: Checksum,
    /// Of the patch's text when a run last went on with it.
    pub(crate) tokens: Checksum,
    pub(crate) ended: bool,
    pub(crate) started_at: String,
    pub(crate) pid: i32,
    /// What was there before, if it ran outside a transaction.
    pub(crate) before: Option<ObjectState>,
    /// For a statement in batches: the key up to which it is done, and the last key.
    pub(crate) reached: Option<String>,
    pub(crate) last: Option<String>,
    pub(crate) changed: u64,
}

impl StartedStatement {
    /// The statements that were started of the patch with this row in the history.
    ///
    /// # Errors
    ///
    /// They can't be read or understood.
    pub(crate) async fn of(
        client: &Client,
        options: &Options,
        schema: &HistorySchema,
        position: i64,
    ) -> Result<Vec<StartedStatement>> {
        let query = format!(
            "SELECT s.number, s.checksum, s.ended_at IS NOT NULL, \
             pg_catalog.to_char(s.started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS \"UTC\"'), s.pid, s.before, \
             s.reached, s.last, s.changed, p.tokens FROM {schema}.statement AS s JOIN {schema}.patch AS p USING (position) \
             WHERE s.position OPERATOR(pg_catalog.=) {position} ORDER BY s.number",
            schema = schema.quoted
        );
        let messages = ask_history(client, options, schema, &query).await?.unwrap_or_default();
        rows(&messages).map(read).collect()
    }
}

fn read(row: &SimpleQueryRow) -> Result<StartedStatement> {
    let strange =
        || Error::new(ErrorKind::Unsupported, "a row of the history's statements can't be understood");
    let text = |column| row.get(column).ok_or_else(strange);
    Ok(StartedStatement {
        number: text(0)?.parse().map_err(|_| strange())?,
        checksum: text(1)?.parse()?,
        tokens: text(9)?.parse()?,
        ended: row.get(2) == Some("t"),
        started_at: text(3)?.to_owned(),
        pid: text(4)?.parse().map_err(|_| strange())?,
        before: row.get(5).map(str::parse).transpose()?,
        reached: row.get(6).map(str::to_owned),
        last: row.get(7).map(str::to_owned),
        changed: row.get(8).and_then(|changed| changed.parse().ok()).unwrap_or_default(),
    })
}
