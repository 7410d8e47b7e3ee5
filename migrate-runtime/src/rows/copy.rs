use std::io::Cursor;

use embed_migrate_core::Result;
use embed_migrate_core::rows::{CopyGroup, RowBatch, copy, copy_row};
use futures_util::SinkExt;
use tokio_postgres::Client;

use super::blame::blame;
use super::progress::Progress;

/// Bytes in one message.
const MESSAGE: usize = 64 * 1024;

/// Copies new rows into the table, and says how many it took.
pub(crate) async fn copy_in(
    client: &Client,
    batch: &RowBatch<'_>,
    group: &CopyGroup,
    progress: &Progress<'_>,
) -> Result<u64> {
    let (columns, rows) = group;
    let done = stream(client, batch, columns, rows, progress).await;
    done.map_err(|error| blame(batch, rows, "copying rows into", error))
}

async fn stream(
    client: &Client,
    batch: &RowBatch<'_>,
    columns: &[usize],
    rows: &[u32],
    progress: &Progress<'_>,
) -> std::result::Result<u64, tokio_postgres::Error> {
    let sink = client.copy_in(&copy(batch, columns)).await?;
    let mut sink = std::pin::pin!(sink);
    let (mut buffer, mut held) = (Vec::with_capacity(MESSAGE + MESSAGE / 8), 0);
    for row in rows {
        copy_row(batch, *row, columns, &mut buffer);
        held += 1;
        if buffer.len() >= MESSAGE {
            let full = std::mem::replace(&mut buffer, Vec::with_capacity(MESSAGE + MESSAGE / 8));
            // A server that refused a row says so when we finish, not when we send.
            if sink.feed(Cursor::new(full)).await.is_err() {
                break;
            }
            progress.add(std::mem::take(&mut held));
        }
    }
    if !buffer.is_empty() {
        let _ = sink.feed(Cursor::new(buffer)).await;
    }
    let taken = sink.finish().await?;
    progress.add(held);
    Ok(taken)
}
