use std::pin::pin;
use std::sync::atomic::Ordering;

use futures_util::TryStreamExt;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::script::Script;

/// Sends a script by a simple query, and counts the statements that the server completes; how many rows the last of them
/// concerned. Rows that a patch selects are let go of as they come.
///
/// # Errors
///
/// The server's error; the script has what the server completed before.
pub(crate) async fn execute(client: &Client, script: &Script) -> Result<u64, Error> {
    script.done.store(0, Ordering::Relaxed);
    script.changed.store(0, Ordering::Relaxed);
    let mut messages = pin!(client.simple_query_raw(&script.sql).await?);
    let mut rows = 0;
    while let Some(message) = messages.try_next().await? {
        if let SimpleQueryMessage::CommandComplete(count) = message {
            rows = count;
            let index = script.done.fetch_add(1, Ordering::Relaxed);
            if script.changing.contains(&index) {
                script.changed.fetch_add(count, Ordering::Relaxed);
            }
        }
    }
    Ok(rows)
}
