use embed_migrate_core::Result;
use tokio_postgres::{Client, SimpleQueryRow};

use crate::connection::connection::Connection;
use crate::connection::rows::rows;
use crate::connection::server_wait::CONNECT_WAIT;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::query::query_error::QueryError;
use crate::run::context::RunContext;
use crate::topology::locked_node::on;

/// A second connection to a node, for questions while the first one holds a transaction open.
pub(super) struct SideConnection<'a> {
    pub(super) name: String,
    pub(super) context: &'a RunContext<'a>,
    connection: Connection,
}

impl<'a> SideConnection<'a> {
    /// Connects.
    ///
    /// # Errors
    ///
    /// `Connect`, with the node's name.
    pub(super) async fn open(name: &str, context: &'a RunContext<'a>) -> Result<SideConnection<'a>> {
        let connection =
            context.source.reach(context.options, CONNECT_WAIT).await.map_err(|error| on(name, error))?;
        // It may be dropped while it is asked something: that is nothing for a pool.
        Ok(SideConnection { name: name.to_owned(), context, connection: connection.take() })
    }

    /// The rows of an answer, cell by cell. Operators mean the catalog's.
    pub(super) async fn ask(&self, doing: &str, sql: &str) -> Result<Vec<TextRow>> {
        let sql = format!("SET LOCAL search_path = pg_catalog, pg_temp; {sql}");
        let asked = with_timeout(self.context.options, self.connection.simple_query(&sql)).await;
        let messages = asked.map_err(|error| on(&self.name, failure::own(doing, error)))?;
        Ok(rows(&messages).map(TextRow::of).collect())
    }

    /// Sends a statement that can't run in a transaction. Its commit waits for no standby: what a run did on a node is
    /// waited for before it is recorded.
    pub(super) async fn send(&self, sql: &str) -> std::result::Result<(), QueryError> {
        let options = self.context.options;
        with_timeout(options, self.connection.simple_query("SET synchronous_commit = local")).await?;
        let sent = with_timeout(options, self.connection.simple_query(sql)).await.map(drop);
        if sent.as_ref().is_err_and(QueryError::is_late) {
            self.connection.cancel().await;
        }
        sent
    }

    pub(super) fn client(&self) -> &Client {
        &self.connection
    }

    /// Flushes what was written so far, and sends it to the subscribers. Without that, both would wait for what
    /// the server does a few times a second.
    pub(super) async fn flush_replication(&self) -> Result<()> {
        self.ask("looking how far replication is", NUDGE).await.map(drop)
    }
}

const NUDGE: &str =
    "SET LOCAL synchronous_commit = local; SELECT pg_catalog.pg_logical_emit_message(true, 'migrate', '')";

/// One row.
pub(super) struct TextRow(Vec<Option<String>>);

impl TextRow {
    pub(super) fn of(row: &SimpleQueryRow) -> TextRow {
        TextRow((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
    }

    /// A cell's text; empty if it is null.
    pub(super) fn text(&self, column: usize) -> &str {
        self.get(column).unwrap_or_default()
    }

    pub(super) fn get(&self, column: usize) -> Option<&str> {
        self.0.get(column).and_then(Option::as_deref)
    }

    pub(super) fn is(&self, column: usize) -> bool {
        self.text(column) == "t"
    }
}
