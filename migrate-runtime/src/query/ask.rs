use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use futures_util::future::BoxFuture;
use migrate_core::{Result, quote};
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::{Client, Error, SimpleQueryMessage, SimpleQueryRow};

use super::failure;
use crate::history::guard::{guarded, is_refused, refusal, strangers_query};
use crate::history::read::{missing_table, rows};
use crate::history::schema::Schema;
use crate::options::options::Options;

/// Why a question of ours has no answer.
pub(crate) enum Unanswered {
    /// The server said no, or the connection broke.
    Refused(Error),
    /// Nothing came for so long.
    Late(Duration),
    /// For so long the server has waited for a synchronous standby to take a commit.
    Unconfirmed(Duration),
}

impl From<Error> for Unanswered {
    fn from(error: Error) -> Unanswered {
        Unanswered::Refused(error)
    }
}

impl Unanswered {
    /// The server's code, if it said no.
    pub(crate) fn code(&self) -> Option<&SqlState> {
        match self {
            Unanswered::Refused(error) => error.code(),
            Unanswered::Late(_) | Unanswered::Unconfirmed(_) => None,
        }
    }

    /// Whether no answer came.
    pub(crate) fn is_late(&self) -> bool {
        matches!(self, Unanswered::Late(_) | Unanswered::Unconfirmed(_))
    }

    /// What the server said, if it said no.
    pub(crate) fn as_db_error(&self) -> Option<&DbError> {
        match self {
            Unanswered::Refused(error) => error.as_db_error(),
            Unanswered::Late(_) | Unanswered::Unconfirmed(_) => None,
        }
    }
}

/// The answer to a question of ours, if it comes in time. A patch is none: it may take as long as it takes.
pub(crate) async fn within<T>(
    options: &Options,
    answer: impl Future<Output = std::result::Result<T, Error>>,
) -> std::result::Result<T, Unanswered> {
    match options.answer_timeout {
        Duration::ZERO => Ok(answer.await?),
        limit => match tokio::time::timeout(limit, answer).await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(Unanswered::Late(limit)),
        },
    }
}

/// A row of ours: behind it stands the answer, and before it what settings of a patch may have given back.
pub(crate) const ANSWER: &str = "SELECT 'migrate answers';\n";

/// The rows behind [`ANSWER`].
pub(crate) fn answers(messages: &[SimpleQueryMessage]) -> impl Iterator<Item = &SimpleQueryRow> {
    rows(messages).skip_while(|row| row.get(0) != Some("migrate answers")).skip(1)
}

/// Asks something: one round trip, no transaction of ours unless a role has to be put on.
///
/// The connection may be a pool's, so the role goes on for a transaction only: the one that a message of several
/// statements is by itself (PostgreSQL manual, 55.2.2.1). It is over with its message, whether that fails or we
/// are dropped meanwhile.
// Boxed, so that it is compiled once, and not wherever something is asked.
pub(crate) fn ask<'f>(
    client: &'f Client,
    options: &'f Options,
    sql: &'f str,
) -> BoxFuture<'f, std::result::Result<Vec<SimpleQueryMessage>, Unanswered>> {
    let role = |role| format!("SET LOCAL ROLE {}; {sql}", quote::identifier(role));
    let sql = options.role.as_deref().map_or(Cow::Borrowed(sql), |name| Cow::Owned(role(name)));
    Box::pin(async move { within(options, client.simple_query(&sql)).await })
}

/// The same, and all of it as it was at one time.
///
/// # Errors
///
/// As [`ask_history`].
pub(crate) async fn ask_history_at_once(
    client: &Client,
    options: &Options,
    schema: &Schema,
    query: &str,
) -> Result<Option<Vec<SimpleQueryMessage>>> {
    let snapshot = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
    guardedly(client, options, schema, &format!("{snapshot}; {}", guarded(options, schema, query))).await
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
    guardedly(client, options, schema, &guarded(options, schema, query)).await
}

async fn guardedly(
    client: &Client,
    options: &Options,
    schema: &Schema,
    guarded: &str,
) -> Result<Option<Vec<SimpleQueryMessage>>> {
    let error = match ask(client, options, guarded).await {
        Ok(messages) => return Ok(Some(messages)),
        Err(error) if missing_table(&error) => return Ok(None),
        Err(error) => error,
    };
    if is_refused(&error)
        && let Ok(messages) = ask(client, options, &strangers_query(options, schema)).await
        && let Some(row) = rows(&messages).next()
    {
        return Err(refusal(schema, row));
    }
    if let Some(other) = failure::no_history(schema, &error) {
        return Err(other);
    }
    Err(failure::own("reading the history", error))
}
