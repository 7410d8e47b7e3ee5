use std::future::{Future, poll_fn};
use std::task::Poll;

use futures_util::TryStreamExt;
use futures_util::future::maybe_done;
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

/// What a row says that stands behind a part.
const MADE: &str = "migrate made ";

/// Sends parts of SQL, many in a message and all without waiting in between; where the server refuses one, its index.
pub(crate) async fn make(client: &Client, parts: &[&str]) -> Result<(), (usize, Error)> {
    let mut flights = Vec::new();
    let (mut sql, mut first) = (String::new(), 0);
    for (index, part) in parts.iter().enumerate() {
        // A part may end in a comment.
        sql += &format!("{part}\n;\nSELECT '{MADE}{index}';\n");
        if sql.len() >= LARGEST || index + 1 == parts.len() {
            let sent = client.simple_query_raw(&sql).await.map_err(|error| (first, error))?;
            flights.push((first, sent));
            (sql, first) = (String::new(), index + 1);
        }
    }
    for (first, flight) in flights {
        let mut flight = std::pin::pin!(flight);
        let mut next = first;
        loop {
            match flight.try_next().await {
                Ok(Some(SimpleQueryMessage::Row(row))) => {
                    let made = row.get(0).and_then(|text| text.strip_prefix(MADE)).map(str::parse::<usize>);
                    if let Some(Ok(made)) = made {
                        next = made + 1;
                    }
                }
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(error) => return Err((next, error)),
            }
        }
    }
    Ok(())
}
