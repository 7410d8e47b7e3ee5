use embed_migrate_core::Result;
use embed_migrate_core::rows::{RowBatch, resolve};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use tokio_postgres::Client;

use super::blame::blame;
use super::send::{IN_FLIGHT, fold, row};

/// Keys in one statement.
const KEYS: usize = 50_000;

/// Finds the rows that links point to, those of the columns that are `asked` for.
pub(crate) async fn find(
    client: &Client,
    batch: &mut RowBatch<'_>,
    asked: impl Fn(&RowBatch<'_>, usize) -> bool,
) -> Result<()> {
    let unresolved = batch.unresolved();
    let asked = unresolved.iter().filter(|(column, _)| asked(batch, *column));
    let chunks =
        asked.flat_map(|(column, numbers)| numbers.chunks(KEYS).map(move |numbers| (*column, numbers)));
    let (shared, chunks) = (&*batch, chunks.collect::<Vec<_>>());
    let asked: Vec<BoxFuture<'_, _>> =
        chunks.into_iter().map(|(column, numbers)| keys(client, shared, column, numbers).boxed()).collect();
    let answers = stream::iter(asked);
    let found: Vec<_> = answers.buffered(IN_FLIGHT.max(unresolved.len())).try_collect().await?;
    for (column, ids) in found {
        for (number, id) in ids {
            batch.set_link_value(column, number, &id);
        }
    }
    Ok(())
}

type ResolvedIds = (usize, Vec<(u32, String)>);

async fn keys(client: &Client, batch: &RowBatch<'_>, column: usize, numbers: &[u32]) -> Result<ResolvedIds> {
    let Some(statement) = resolve(batch, column, numbers) else { return Ok((column, Vec::new())) };
    let ids = fold(client, &statement, Vec::new(), |ids: &mut Vec<(u32, String)>, answer| {
        if let (Some(number), Some(id)) = (row(numbers, answer)?, answer.try_get(1)?) {
            ids.push((number, id));
        }
        Ok(())
    });
    match ids.await {
        Ok((ids, _)) => Ok((column, ids)),
        Err(error) => Err(blame(batch, &[], "finding the rows that links point to, for", error)),
    }
}
