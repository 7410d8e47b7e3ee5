use std::str::FromStr;

use migrate_core::{Applied, Error, ErrorKind, History, MinApp, Result, Version};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use super::Schema;
use crate::ask::{Unanswered, ask_history};
use crate::options::Options;

const READ: &str = include_str!("read.sql");

/// The whole history; empty where there is none yet.
///
/// # Errors
///
/// It can't be read, belongs to a stranger, or has a row that this version does not understand.
pub(crate) async fn read_all(client: &Client, options: &Options, schema: &Schema) -> Result<History> {
    let messages = ask_history(client, options, schema, &schema.fill(READ)).await?.unwrap_or_default();
    Ok(History { applied: rows(&messages).map(applied).collect::<Result<_>>()? })
}

/// The rows among a query's messages.
pub(crate) fn rows(messages: &[SimpleQueryMessage]) -> impl Iterator<Item = &SimpleQueryRow> {
    messages.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    })
}

/// Whether the error says that the history's tables are not there yet.
pub(crate) fn missing_table(error: &Unanswered) -> bool {
    error.code().is_some_and(is_missing)
}

/// Whether the code says so.
pub(crate) fn is_missing(code: &SqlState) -> bool {
    [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME].contains(code)
}

fn applied(row: &SimpleQueryRow) -> Result<Applied> {
    Ok(Applied {
        position: parsed(row, 0)?,
        bundle: text(row, 1)?.to_owned(),
        version: parsed(row, 2)?,
        kind: parsed(row, 3)?,
        file: text(row, 4)?.to_owned(),
        checksum: parsed(row, 5)?,
        tokens: parsed(row, 6)?,
        min_app: min_app(row.get(7)).map_err(|error| strange(row).caused_by(error))?,
        draft: row.get(8) == Some("t"),
        baseline: row.get(9) == Some("t"),
        ended: row.get(10) == Some("t"),
    })
}

pub(super) fn min_app(text: Option<&str>) -> Result<MinApp> {
    text.map_or(Ok(MinApp::Any), |text| text.parse::<Version>().map(MinApp::Version))
}

fn parsed<T>(row: &SimpleQueryRow, column: usize) -> Result<T>
where
    T: FromStr<Err: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    text(row, column)?.parse().map_err(|error: T::Err| strange(row).caused_by(error))
}

pub(super) fn text(row: &SimpleQueryRow, column: usize) -> Result<&str> {
    row.try_get(column).ok().flatten().ok_or_else(|| strange(row))
}

fn strange(row: &SimpleQueryRow) -> Error {
    let cells: Vec<_> = (0..row.len()).map(|column| row.get(column).unwrap_or("null")).collect();
    Error::new(ErrorKind::Unsupported, "a row of the history can't be understood")
        .note(cells.join(", "))
        .help("a newer release of migrate may have written it, or somebody changed it by hand")
}
