use embed_migrate_core::Result;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::guard;
use super::guard::{guarded, is_refused, refusal, untrusted_owners_query};
use super::missing_table::missing_table;
use super::schema::HistorySchema;
use crate::connection::rows::rows;
use crate::options::options::Options;
use crate::query::ask::ask;
use crate::query::failure;

/// The same, and all of it as it was at one time.
///
/// # Errors
///
/// As [`ask_history`].
pub(crate) async fn ask_history_at_once(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
    query: &str,
) -> Result<Option<Vec<SimpleQueryMessage>>> {
    let snapshot = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
    guardedly(client, options, schema, &format!("{snapshot}; {}", guarded(options, schema, query))).await
}

/// Asks something of the history's tables, after a check that a trusted role owns them; `None` if they are not there
/// yet.
///
/// # Errors
///
/// They belong to an untrusted role; or they can't be read.
pub(crate) async fn ask_history(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
    query: &str,
) -> Result<Option<Vec<SimpleQueryMessage>>> {
    guardedly(client, options, schema, &guarded(options, schema, query)).await
}

pub(crate) async fn guardedly(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
    guarded: &str,
) -> Result<Option<Vec<SimpleQueryMessage>>> {
    let error = match ask(client, options, guarded).await {
        Ok(messages) => return Ok(Some(messages)),
        Err(error) if missing_table(&error) => return Ok(None),
        Err(error) => error,
    };
    if is_refused(&error)
        && let Ok(messages) = ask(client, options, &untrusted_owners_query(options, schema)).await
        && let Some(row) = rows(&messages).next()
    {
        return Err(refusal(schema, row));
    }
    if let Some(other) = guard::no_history(schema, &error) {
        return Err(other);
    }
    Err(failure::own("reading the history", error))
}
