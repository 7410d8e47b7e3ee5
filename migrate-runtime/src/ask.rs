use migrate_core::{Result, quote};
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use crate::failure;
use crate::history::{Schema, guarded, is_refused, missing_table, refusal, rows, strangers_query};
use crate::options::Options;

/// Asks something: one round trip, no transaction of ours unless a role has to be put on.
///
/// The connection may be a pool's, so the role goes on for a transaction only: the one that a message of several
/// statements is by itself (PostgreSQL manual, 55.2.2.1). It is over with its message, whether that fails or we
/// are dropped meanwhile.
pub(crate) async fn ask(
    client: &Client,
    options: &Options,
    sql: &str,
) -> std::result::Result<Vec<SimpleQueryMessage>, Error> {
    let Some(role) = &options.role else { return client.simple_query(sql).await };
    client.simple_query(&format!("SET LOCAL ROLE {}; {sql}", quote::identifier(role))).await
}

/// Asks something of the history's tables, once it is clear that they are somebody's whom we trust; `None` where they
/// are not there yet.
///
/// # Errors
///
/// They belong to a stranger; or they can't be read.
pub(crate) async fn ask_history(
    client: &Client,
    options: &Options,
    schema: &Schema,
    query: &str,
) -> Result<Option<Vec<SimpleQueryMessage>>> {
    let error = match ask(client, options, &guarded(schema, query)).await {
        Ok(messages) => return Ok(Some(messages)),
        Err(error) if missing_table(&error) => return Ok(None),
        Err(error) => error,
    };
    if is_refused(&error)
        && let Ok(messages) = ask(client, options, &strangers_query(schema)).await
        && let Some(row) = rows(&messages).next()
    {
        return Err(refusal(schema, row));
    }
    Err(failure::own("reading the history", error))
}
