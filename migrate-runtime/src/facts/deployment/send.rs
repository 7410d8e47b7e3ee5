use std::future::{Future, poll_fn};
use std::task::Poll;

use futures_util::TryStreamExt;
use futures_util::future::maybe_done;
use tokio_postgres::error::ErrorPosition;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

/// Sends messages without waiting in between, and gives the answers up to the first refusal, with its index.
pub(crate) async fn send(
    client: &Client,
    messages: &[&str],
) -> Result<Vec<Vec<SimpleQueryMessage>>, (usize, Error)> {
    let mut answers: Vec<_> =
        messages.iter().map(|sql| Box::pin(maybe_done(client.simple_query(sql)))).collect();
    // Polling a query once sends it.
    poll_fn(|context| {
        for answer in &mut answers {
            let _ = answer.as_mut().poll(context);
        }
        Poll::Ready(())
    })
    .await;
    let mut received = Vec::with_capacity(answers.len());
    for (index, answer) in answers.iter_mut().enumerate() {
        (&mut *answer).await;
        match answer.as_mut().take_output() {
            Some(Ok(messages)) => received.push(messages),
            Some(Err(error)) => return Err((index, error)),
            None => {}
        }
    }
    Ok(received)
}

/// How much SQL goes into one message, in bytes: each message costs the server what a transaction's statement does.
const LARGEST: usize = 1 << 18;

/// The content of the row that is sent after a part.
const MADE: &str = "migrate made ";

/// A part of SQL that the server refused.
pub(crate) struct RefusedPart {
    pub(crate) index: usize,
    pub(crate) error: Error,
    /// The byte of the part at which the server found an error, if it says so.
    pub(crate) offset: Option<usize>,
}

/// Sends parts of SQL, many in a message and all without waiting in between.
///
/// # Errors
///
/// The part that the server refused.
pub(crate) async fn make(client: &Client, parts: &[&str]) -> Result<(), RefusedPart> {
    let mut pipelines = Vec::new();
    let (mut sql, mut first) = (String::new(), 0);
    for (index, part) in parts.iter().enumerate() {
        // A part may end in a comment.
        sql += part;
        sql += &confirmation(index);
        if sql.len() >= LARGEST || index + 1 == parts.len() {
            let sent = client.simple_query_raw(&sql).await;
            let sent = sent.map_err(|error| RefusedPart { index: first, error, offset: None })?;
            pipelines.push((first, sent));
            (sql, first) = (String::new(), index + 1);
        }
    }
    for (first, pipeline) in pipelines {
        let mut pipeline = std::pin::pin!(pipeline);
        let mut next = first;
        loop {
            match pipeline.try_next().await {
                Ok(Some(SimpleQueryMessage::Row(row))) => {
                    let done = row.get(0).and_then(|text| text.strip_prefix(MADE)).map(str::parse::<usize>);
                    if let Some(Ok(done)) = done {
                        next = done + 1;
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                // Before the first part, all of a message are read.
                Err(error) => {
                    let at = position(&error).and_then(|character| part_at(parts, first, character));
                    let (index, offset) = at.map_or((next, None), |(index, offset)| (index, Some(offset)));
                    return Err(RefusedPart { index, error, offset });
                }
            }
        }
    }
    Ok(())
}

/// What is sent after a part; its answer shows that the part was carried out.
fn confirmation(index: usize) -> String {
    format!("\n;\nSELECT '{MADE}{index}';\n")
}

fn position(error: &Error) -> Option<usize> {
    match error.as_db_error()?.position()? {
        ErrorPosition::Original(position) => (*position as usize).checked_sub(1),
        ErrorPosition::Internal { .. } => None,
    }
}

/// The part that has a character of the message that begins with the `first`, and its byte in it.
fn part_at(parts: &[&str], first: usize, mut character: usize) -> Option<(usize, usize)> {
    for (index, part) in parts.iter().enumerate().skip(first) {
        if let Some((offset, _)) = part.char_indices().nth(character) {
            return Some((index, offset));
        }
        character = character.checked_sub(part.chars().count() + confirmation(index).chars().count())?;
    }
    None
}
