use embed_migrate_core::rows::{RowBatch, RowDifference, compare, find, stored};
use embed_migrate_core::{Error, Result};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use tokio_postgres::Client;

use super::blame::blame;
use super::progress::Progress;
use super::send::{IN_FLIGHT, fold, row};

const DOING: &str = "comparing the rows of";

/// The rows that the table does not have, or has otherwise.
pub(crate) async fn differences(
    client: &Client,
    batch: &RowBatch<'_>,
    rows: &[u32],
    progress: &Progress<'_>,
) -> Result<Vec<RowDifference>> {
    let ask = |chunk| async move {
        let statement = compare(batch, chunk);
        let differing = fold(client, &statement, Vec::new(), |differing: &mut Vec<RowDifference>, answer| {
            if let Some(row) = row(chunk, answer)? {
                differing.push(RowDifference { row, mask: answer.try_get(2)? });
            }
            Ok(())
        });
        let (differing, _) = differing.await.map_err(|error| blame(batch, chunk, DOING, error))?;
        progress.add(chunk.len().saturating_sub(differing.len()));
        Ok::<_, Error>(differing)
    };
    let asked: Vec<BoxFuture<'_, _>> =
        batch.chunks(rows).into_iter().map(|chunk| ask(chunk).boxed()).collect();
    let answers = stream::iter(asked);
    let found = answers.buffered(IN_FLIGHT).try_concat().await?;
    Ok(found)
}

/// Those of the rows that the table has.
pub(crate) async fn present(client: &Client, batch: &RowBatch<'_>, rows: &[u32]) -> Result<Vec<u32>> {
    let ask = |chunk| async move {
        let statement = find(batch, chunk);
        let found = fold(client, &statement, Vec::new(), |found: &mut Vec<u32>, answer| {
            found.extend(row(chunk, answer)?);
            Ok(())
        });
        let (found, _) = found.await.map_err(|error| blame(batch, chunk, DOING, error))?;
        Ok::<_, Error>(found)
    };
    let asked: Vec<BoxFuture<'_, _>> =
        batch.chunks(rows).into_iter().map(|chunk| ask(chunk).boxed()).collect();
    stream::iter(asked).buffered(IN_FLIGHT).try_concat().await
}

/// What differs, as errors that say what the table has instead; `rows` are few.
pub(crate) async fn describe(
    client: &Client,
    batch: &RowBatch<'_>,
    differing: &[RowDifference],
) -> Result<Vec<Error>> {
    let rows: Vec<u32> = differing.iter().map(|difference| difference.row).collect();
    let statement = stored(batch, &rows);
    let columns = batch.columns();
    let found =
        fold(client, &statement, Vec::new(), |found: &mut Vec<(u32, Vec<Option<String>>)>, answer| {
            let texts =
                (1..=columns).map(|at| answer.try_get(at)).collect::<std::result::Result<Vec<_>, _>>()?;
            found.extend(row(&rows, answer)?.map(|row| (row, texts)));
            Ok(())
        });
    let (found, _) = found.await.map_err(|error| blame(batch, &rows, DOING, error))?;
    let errors = differing.iter().map(|difference| {
        let stored = found.iter().find(|(row, _)| *row == difference.row);
        difference.error(batch, stored.map(|(_, texts)| texts.as_slice()))
    });
    Ok(errors.collect())
}
