use std::str::FromStr;

use embed_migrate_core::{Checksum, Error, ErrorKind, Result};
use tokio_postgres::{Client, SimpleQueryRow};

use super::ask::ask_history;
use super::schema::HistorySchema;
use crate::connection::rows::rows;
use crate::options::options::Options;

/// A statement of a concurrent patch, as far as it shows whether the history's tables agree.
#[derive(Debug, Clone)]
pub(crate) struct StatementRow {
    /// That of the patch.
    pub(crate) position: i64,
    /// From 1.
    pub(crate) number: usize,
    pub(crate) checksum: Checksum,
    pub(crate) ended: bool,
}

/// All statements; none if there never was a concurrent patch.
///
/// # Errors
///
/// They can't be read or understood.
pub(crate) async fn read_statements(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
) -> Result<Vec<StatementRow>> {
    let query = schema.fill(
        "SELECT s.position, s.number, s.checksum, s.ended_at IS NOT NULL FROM {schema}.statement AS s \
         ORDER BY s.position, s.number",
    );
    let messages = ask_history(client, options, schema, &query).await?.unwrap_or_default();
    rows(&messages).map(stated).collect()
}

fn stated(row: &SimpleQueryRow) -> Result<StatementRow> {
    Ok(StatementRow {
        position: cell(row, 0)?,
        number: cell(row, 1)?,
        checksum: cell(row, 2)?,
        ended: row.get(3) == Some("t"),
    })
}

fn cell<T: FromStr>(row: &SimpleQueryRow, column: usize) -> Result<T> {
    let parsed = row.get(column).and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, "a row of the history's statements can't be understood")
    })
}
