use std::str::FromStr;

use embed_migrate_core::{Applied, Error, ErrorKind, History, MinApp, Result, Version};
use tokio_postgres::{Client, SimpleQueryRow};

use super::ask::{ask_history, ask_history_at_once};
use super::row::{strange, text};
use super::schema::HistorySchema;
use crate::connection::rows::rows;
use crate::history::records::bundle_record::{BundleRecord, records_query};
use crate::options::options::Options;

const READ: &str = include_str!("read.sql");

/// The whole history; empty if there is none yet.
///
/// # Errors
///
/// It can't be read, belongs to an untrusted role, or has a row that this version does not understand.
pub(crate) async fn read_all(client: &Client, options: &Options, schema: &HistorySchema) -> Result<History> {
    let messages = ask_history(client, options, schema, &schema.fill(READ)).await?.unwrap_or_default();
    Ok(History { applied: rows(&messages).map(applied).collect::<Result<_>>()? })
}

/// The whole history and the records that sum it up, both of the same moment; `None` if one of their tables is not
/// there. An error is returned beside them for each record that can't be understood.
///
/// # Errors
///
/// As [`read_all`].
pub(crate) async fn read_together(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
) -> Result<Option<(History, Vec<BundleRecord>, Vec<Error>)>> {
    // A message is one transaction, and this gives it one snapshot.
    let query = format!("{}; {}", schema.fill(READ), records_query(schema, options));
    let Some(messages) = ask_history_at_once(client, options, schema, &query).await? else { return Ok(None) };
    let (records, applied_rows): (Vec<_>, Vec<_>) =
        rows(&messages).partition(|row| row.columns().iter().any(|column| column.name() == "patches"));
    let history = History { applied: applied_rows.into_iter().map(applied).collect::<Result<_>>()? };
    let (mut recorded, mut odd) = (Vec::new(), Vec::new());
    for record in records {
        match BundleRecord::of(record) {
            Ok(record) => recorded.push(record),
            Err(error) if error.kind() == ErrorKind::Unsupported => odd.push(error),
            Err(error) => return Err(error),
        }
    }
    Ok(Some((history, recorded, odd)))
}

/// The history in another schema; `Err` in it says why that can't be read or is none.
///
/// # Errors
///
/// The server does not answer.
pub(crate) async fn read_trusted(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
) -> Result<std::result::Result<History, String>> {
    match read_all(client, options, schema).await {
        Ok(history) => Ok(Ok(history)),
        Err(error) if error.kind() == ErrorKind::Connect => Err(error),
        Err(error) => Ok(Err(error.message().to_owned())),
    }
}

pub(super) fn applied(row: &SimpleQueryRow) -> Result<Applied> {
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

pub(super) fn parsed<T>(row: &SimpleQueryRow, column: usize) -> Result<T>
where
    T: FromStr<Err: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    text(row, column)?.parse().map_err(|error: T::Err| strange(row).caused_by(error))
}
