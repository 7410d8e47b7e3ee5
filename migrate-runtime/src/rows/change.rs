use embed_migrate_core::Result;
use embed_migrate_core::rows::{RowBatch, RowDifference, RowStatement, clear, delete, insert, update};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, future, stream};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use super::blame::blame;
use super::copy::copy_in;
use super::progress::Progress;
use super::send::{IN_FLIGHT, execute};

/// From so many rows on, COPY is worth its round trips.
const COPY_FROM: usize = 1000;

/// Rows that leave out columns in more ways than this go by INSERT, for each way takes a COPY of its own.
const COPIES: usize = 4;

/// Inserts rows, and says how many the server took.
pub(crate) async fn insert_rows(
    client: &Client,
    batch: &RowBatch<'_>,
    rows: &[u32],
    progress: &Progress<'_>,
) -> Result<u64> {
    if rows.len() >= COPY_FROM && batch.takes_copy() {
        let groups = batch.groups(rows);
        if groups.len() <= COPIES {
            let mut taken = 0;
            for group in &groups {
                taken += copy_in(client, batch, group, progress).await?;
            }
            return Ok(taken);
        }
    }
    let taken = chunks(client, batch, rows, progress, |chunk| insert(batch, chunk)).await;
    taken.map_err(|error| blame(batch, rows, "inserting rows into", error))
}

/// Deletes rows, and says how many there were.
pub(crate) async fn delete_rows(
    client: &Client,
    batch: &RowBatch<'_>,
    rows: &[u32],
    progress: &Progress<'_>,
) -> Result<u64> {
    let gone = chunks(client, batch, rows, progress, |chunk| delete(batch, chunk)).await;
    gone.map_err(|error| blame(batch, rows, "deleting rows of", error))
}

/// Gives rows what they are to have in some columns, and says how many there were.
pub(crate) async fn set_columns(
    client: &Client,
    batch: &RowBatch<'_>,
    rows: &[u32],
    columns: &[usize],
    progress: &Progress<'_>,
) -> Result<u64> {
    let changed = chunks(client, batch, rows, progress, |chunk| update(batch, chunk, columns)).await;
    changed.map_err(|error| blame(batch, rows, "updating rows of", error))
}

/// Makes rows equal to the data, and says how many there were.
///
/// A unique value is free only once its row has given it up, and the server looks row by row. So if a value is
/// taken, the rows first release all of their unique values that change, and then get the new ones: that
/// lets values be swapped and passed on in any order.
pub(crate) async fn update_rows(
    client: &Client,
    batch: &RowBatch<'_>,
    differing: &[RowDifference],
    progress: &Progress<'_>,
) -> Result<u64> {
    let rows: Vec<u32> = differing.iter().map(|difference| difference.row).collect();
    let mut columns: Vec<usize> = differing.iter().flat_map(RowDifference::columns).collect();
    columns.sort_unstable();
    columns.dedup();
    let unique = batch.unique(&columns);
    if unique.is_empty() {
        return set_columns(client, batch, &rows, &columns, progress).await;
    }
    let own = |error| blame(batch, &rows, "updating rows of", error);
    let straight = chunks(client, batch, &rows, progress, |chunk| update(batch, chunk, &columns));
    let (saved, straight) = future::join(client.batch_execute("SAVEPOINT migrate_rows"), straight).await;
    saved.map_err(own)?;
    match straight {
        Ok(changed) => {
            client.batch_execute("RELEASE SAVEPOINT migrate_rows").await.map_err(own)?;
            Ok(changed)
        }
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
            client
                .batch_execute("ROLLBACK TO SAVEPOINT migrate_rows; RELEASE SAVEPOINT migrate_rows")
                .await
                .map_err(own)?;
            give_up(client, batch, differing, &unique).await?;
            let changed = set_columns(client, batch, &rows, &columns, progress).await?;
            require_again(client, batch, &unique).await.map_err(own)?;
            Ok(changed)
        }
        Err(error) => Err(own(error)),
    }
}

/// Takes from rows the unique values that change.
async fn give_up(
    client: &Client,
    batch: &RowBatch<'_>,
    differing: &[RowDifference],
    unique: &[usize],
) -> Result<()> {
    let quiet = Progress::quiet();
    for column in unique {
        let changes = differing.iter().filter(|difference| difference.columns().any(|at| at == *column));
        let rows: Vec<u32> = changes.map(|difference| difference.row).collect();
        let own = |error| blame(batch, &rows, "making room for unique values in", error);
        if let Some((allow, _)) = batch.required(*column) {
            client.batch_execute(&allow).await.map_err(own)?;
        }
        let one = std::slice::from_ref(column);
        chunks(client, batch, &rows, &quiet, |chunk| clear(batch, chunk, one)).await.map_err(own)?;
    }
    Ok(())
}

async fn require_again(
    client: &Client,
    batch: &RowBatch<'_>,
    unique: &[usize],
) -> std::result::Result<(), tokio_postgres::Error> {
    let require: Vec<String> =
        unique.iter().filter_map(|at| batch.required(*at)).map(|(_, require)| require).collect();
    match require.is_empty() {
        true => Ok(()),
        false => client.batch_execute(&require.join(";\n")).await,
    }
}

/// Sends a statement for each part of the rows, some at a time; how many rows all of them affected.
async fn chunks<'a>(
    client: &Client,
    batch: &RowBatch<'_>,
    rows: &'a [u32],
    progress: &Progress<'_>,
    statement: impl Fn(&'a [u32]) -> RowStatement<'a> + Sync,
) -> std::result::Result<u64, tokio_postgres::Error> {
    let statement = &statement;
    let send = |chunk| {
        async move {
            let affected = execute(client, &statement(chunk)).await?;
            progress.add(chunk.len());
            Ok(affected)
        }
        .boxed()
    };
    // Boxed, for the compiler to see that a boot may move to another thread while it waits.
    let sent: Vec<BoxFuture<'_, _>> = batch.chunks(rows).into_iter().map(send).collect();
    stream::iter(sent)
        .buffered(IN_FLIGHT)
        .try_fold(0, |sum, affected| async move { Ok(sum + affected) })
        .await
}
