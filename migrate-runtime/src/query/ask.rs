use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use embed_migrate_core::quote;
use futures_util::future::BoxFuture;
use tokio_postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow};

use super::query_error::QueryError;
use crate::connection::rows::rows;
use crate::options::options::Options;

/// The answer to a question of ours, if it comes in time. A patch is not limited: it may take any time.
pub(crate) async fn with_timeout<T>(
    options: &Options,
    answer: impl Future<Output = std::result::Result<T, Error>>,
) -> std::result::Result<T, QueryError> {
    match options.answer_timeout {
        Duration::ZERO => Ok(answer.await?),
        limit => match tokio::time::timeout(limit, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(QueryError::Late(limit)),
        },
    }
}

/// A row that marks the answer: the answer comes after it, and before it there may be rows of a patch's settings.
pub(crate) const ANSWER: &str = "SELECT 'migrate answers';\n";

/// The rows behind [`ANSWER`].
pub(crate) fn answers(messages: &[SimpleQueryMessage]) -> impl Iterator<Item = &SimpleQueryRow> {
    rows(messages).skip_while(|row| row.get(0) != Some("migrate answers")).skip(1)
}

/// Asks something: one round trip, no transaction of ours unless a role must be set.
///
/// The connection may be a pool's, so the role goes on for a transaction only: the one that a message of several
/// statements is by itself (PostgreSQL manual, 55.2.2.1). It is over with its message, whether that fails or we
/// are dropped meanwhile.
// Boxed, so that it is compiled once, and not wherever something is asked.
pub(crate) fn ask<'f>(
    client: &'f Client,
    options: &'f Options,
    sql: &'f str,
) -> BoxFuture<'f, std::result::Result<Vec<SimpleQueryMessage>, QueryError>> {
    let role = |role| format!("SET LOCAL ROLE {}; {sql}", quote::identifier(role));
    let sql = options.role.as_deref().map_or(Cow::Borrowed(sql), |name| Cow::Owned(role(name)));
    Box::pin(async move { with_timeout(options, client.simple_query(&sql)).await })
}
