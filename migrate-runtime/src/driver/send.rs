use std::future::{Future, poll_fn};
use std::task::Poll;

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
