//! The whole history with its circumstances, for a person who reads it.

use std::collections::BTreeMap;

use embed_migrate_core::{Result, Version};
use tokio_postgres::{Client, SimpleQueryRow};

use super::ask::ask_history;
use super::read::{applied, parsed};
use super::row::text;
use super::schema::HistorySchema;
use crate::connection::rows::rows;
use crate::options::options::Options;
use crate::report::history_log::{HistoryEvent, HistoryRow, HistoryStatement};

const ROWS: &str = include_str!("log.sql");

/// The rows, in the order of application; empty if there is no history yet.
///
/// # Errors
///
/// They can't be read, belong to an untrusted role, or have something that this version does not understand.
pub(crate) async fn read_rows(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
) -> Result<Vec<HistoryRow>> {
    let messages = ask_history(client, options, schema, &schema.fill(ROWS)).await?.unwrap_or_default();
    let mut found: Vec<HistoryRow> = rows(&messages).map(history_row).collect::<Result<_>>()?;
    let mut statements = read_statements(client, options, schema).await?;
    for row in &mut found {
        row.statements = statements.remove(&row.applied.position).unwrap_or_default();
    }
    Ok(found)
}

/// What happened beside the patches; empty if nothing did.
///
/// # Errors
///
/// As [`read_rows`].
pub(crate) async fn read_events(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
) -> Result<Vec<HistoryEvent>> {
    let query = schema.fill(&format!(
        "SELECT {}, e.what, e.bundle, pg_catalog.array_to_string(e.version, '.'), e.detail \
         FROM {{schema}}.event AS e ORDER BY e.happened_at",
        utc("e.happened_at")
    ));
    let messages = ask_history(client, options, schema, &query).await?.unwrap_or_default();
    rows(&messages).map(event).collect()
}

async fn read_statements(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
) -> Result<BTreeMap<i64, Vec<HistoryStatement>>> {
    let query = schema.fill(&format!(
        "SELECT s.position, s.number, {}, {}, s.changed FROM {{schema}}.statement AS s ORDER BY s.position, s.number",
        utc("s.started_at"),
        utc("s.ended_at")
    ));
    let messages = ask_history(client, options, schema, &query).await?.unwrap_or_default();
    let mut statements: BTreeMap<i64, Vec<HistoryStatement>> = BTreeMap::new();
    for row in rows(&messages) {
        statements.entry(parsed(row, 0)?).or_default().push(HistoryStatement {
            number: parsed(row, 1)?,
            started_at: text(row, 2)?.to_owned(),
            ended_at: row.get(3).map(str::to_owned),
            changed: row.get(4).and_then(|count| count.parse().ok()),
        });
    }
    Ok(statements)
}

/// A moment as `2026-12-01T08:30:00Z`, as SQL.
fn utc(column: &str) -> String {
    format!(r#"pg_catalog.to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"#)
}

fn history_row(row: &SimpleQueryRow) -> Result<HistoryRow> {
    let cell = |column: usize| row.get(column).map(str::to_owned);
    Ok(HistoryRow {
        applied: applied(row)?,
        started_at: text(row, 11)?.to_owned(),
        ended_at: cell(12),
        elapsed_ms: row.get(13).and_then(|elapsed| elapsed.parse().ok()),
        applied_by: text(row, 14)?.to_owned(),
        application: cell(15),
        revision: cell(16),
        statements: Vec::new(),
    })
}

fn event(row: &SimpleQueryRow) -> Result<HistoryEvent> {
    let version: Option<Version> = row.get(3).map(|_| parsed(row, 3)).transpose()?;
    Ok(HistoryEvent {
        happened_at: text(row, 0)?.to_owned(),
        what: text(row, 1)?.to_owned(),
        bundle: row.get(2).map(str::to_owned),
        version,
        detail: row.get(4).unwrap_or_default().to_owned(),
    })
}
