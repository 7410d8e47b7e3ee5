use embed_migrate_core::rows::RowStatement;
use futures_util::TryStreamExt;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row};

use super::array::Array;

/// How many statements of one kind are on their way at a time: enough to keep the server busy, and few enough
/// that a million rows are not in memory twice.
pub(crate) const IN_FLIGHT: usize = 2;

/// Sends a statement in one message and folds the rows of its answer; how many rows it affected comes along.
pub(crate) async fn fold<T>(
    client: &Client,
    statement: &RowStatement<'_>,
    mut into: T,
    fold: impl Fn(&mut T, &Row) -> Result<(), Error>,
) -> Result<(T, u64), Error> {
    let arrays: Vec<Array<'_, '_>> = statement.parameters.iter().map(Array).collect();
    let parameters = arrays.iter().map(|array| (array as &(dyn ToSql + Sync), array.kind()));
    let rows = client.query_typed_raw(&statement.sql, parameters).await?;
    let mut rows = std::pin::pin!(rows);
    while let Some(row) = rows.try_next().await? {
        fold(&mut into, &row)?;
    }
    let affected = rows.rows_affected().unwrap_or_default();
    Ok((into, affected))
}

/// Sends a statement that answers nothing, and says how many rows it affected.
pub(crate) async fn execute(client: &Client, statement: &RowStatement<'_>) -> Result<u64, Error> {
    fold(client, statement, (), |(), _| Ok(())).await.map(|((), affected)| affected)
}

/// The row of a chunk that an answer counts.
pub(crate) fn row(chunk: &[u32], answer: &Row) -> Result<Option<u32>, Error> {
    let count: i32 = answer.try_get(0)?;
    Ok(usize::try_from(count).ok().and_then(|count| chunk.get(count).copied()))
}
