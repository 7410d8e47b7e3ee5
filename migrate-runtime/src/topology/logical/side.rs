use migrate_core::Result;
use tokio_postgres::{Client, SimpleQueryRow};

use crate::connection::connection::Connection;
use crate::connection::rows::rows;
use crate::connection::server_wait::CONNECT_WAIT;
use crate::query::ask::within;
use crate::query::failure;
use crate::query::query_error::Unanswered;
use crate::run::context::Errand;
use crate::topology::member::on;

/// A second connection to a node, for questions while the first one holds a transaction open.
pub(super) struct Side<'a> {
    pub(super) name: String,
    pub(super) errand: &'a Errand<'a>,
    connection: Connection,
}

impl<'a> Side<'a> {
    /// Connects.
    ///
    /// # Errors
    ///
    /// `Connect`, with the node's name.
    pub(super) async fn open(name: &str, errand: &'a Errand<'a>) -> Result<Side<'a>> {
        let connection =
            errand.source.reach(errand.options, CONNECT_WAIT).await.map_err(|error| on(name, error))?;
        // It may be dropped while it is asked something: that is nothing for a pool.
        Ok(Side { name: name.to_owned(), errand, connection: connection.take() })
    }

    /// The rows of an answer, cell by cell. Operators mean the catalog's.
    pub(super) async fn ask(&self, doing: &str, sql: &str) -> Result<Vec<Cells>> {
        let sql = format!("SET LOCAL search_path = pg_catalog, pg_temp; {sql}");
        let asked = within(self.errand.options, self.connection.simple_query(&sql)).await;
        let messages = asked.map_err(|error| on(&self.name, failure::own(doing, error)))?;
        Ok(rows(&messages).map(Cells::of).collect())
    }

    /// Sends a statement that can't run in a transaction. Its commit waits for no standby: what a run did on a node is
    /// waited for before it is recorded.
    pub(super) async fn send(&self, sql: &str) -> std::result::Result<(), Unanswered> {
        let options = self.errand.options;
        within(options, self.connection.simple_query("SET synchronous_commit = local")).await?;
        let sent = within(options, self.connection.simple_query(sql)).await.map(drop);
        if sent.as_ref().is_err_and(Unanswered::is_late) {
            self.connection.cancel().await;
        }
        sent
    }

    pub(super) fn client(&self) -> &Client {
        &self.connection
    }

    /// Has what was written so far reach the disk, and whoever follows hear of it. Without that, both would wait for what
    /// the server does a few times a second.
    pub(super) async fn nudge(&self) -> Result<()> {
        self.ask("looking how far replication is", NUDGE).await.map(drop)
    }
}

const NUDGE: &str =
    "SET LOCAL synchronous_commit = local; SELECT pg_catalog.pg_logical_emit_message(true, 'migrate', '')";

/// One row.
pub(super) struct Cells(Vec<Option<String>>);

impl Cells {
    pub(super) fn of(row: &SimpleQueryRow) -> Cells {
        Cells((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
    }

    /// A cell's text; empty where it is null.
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
