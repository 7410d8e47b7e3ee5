use std::sync::atomic::{AtomicU64, Ordering};

use embed_migrate_core::quote;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use tokio::task::JoinHandle;
use tokio_postgres::Error;

use super::connection::{CANCEL_WAIT, Connection};
use super::source::Source;

/// A commit that waits for a synchronous standby as long as the run waits for its answer. A server process in that wait does not
/// check whether its client is there, so a pooler would lose the connection.
pub(crate) struct WaitingCommit {
    /// It has the connection, which ends with it.
    answer: Option<JoinHandle<Result<(), Error>>>,
    cancel: BoxFuture<'static, ()>,
}

impl WaitingCommit {
    /// Sends a commit that comes after all others, and has nothing else in it. `direct`: whether no pooler is in between.
    pub(crate) fn send(connection: Connection, source: &Source<'_>, direct: bool) -> WaitingCommit {
        let commit = commit();
        let cancel = match direct {
            true => connection.cancel().boxed(),
            false => cancel_from_beside(source.clone().into_owned(), commit.clone()).boxed(),
        };
        let answer = tokio::spawn(async move { connection.simple_query(&commit).await.map(drop) });
        WaitingCommit { answer: Some(answer), cancel }
    }

    /// Waits until a standby has it. If the caller gave up waiting, it may be asked again.
    ///
    /// # Errors
    ///
    /// The server's.
    pub(crate) async fn answer(&mut self) -> Result<(), Error> {
        let Some(answer) = &mut self.answer else { return Ok(()) };
        let answer = answer.await;
        self.answer = None;
        answer.unwrap_or_else(|end| std::panic::resume_unwind(end.into_panic()))
    }

    /// Ends the wait, and then the connection.
    pub(crate) fn cancel(&mut self) -> impl Future<Output = ()> + Send + use<> {
        let (answer, cancel) = (self.answer.take(), std::mem::replace(&mut self.cancel, ready(()).boxed()));
        async move {
            let Some(mut answer) = answer else { return };
            let ended = async {
                cancel.await;
                drop((&mut answer).await);
            };
            if tokio::time::timeout(CANCEL_WAIT, ended).await.is_err() {
                answer.abort();
            }
        }
    }
}

impl Drop for WaitingCommit {
    fn drop(&mut self) {
        if let (true, Ok(runtime)) = (self.answer.is_some(), tokio::runtime::Handle::try_current()) {
            drop(runtime.spawn(self.cancel()));
        }
    }
}

/// A commit whose text no other has.
fn commit() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let time = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_nanos());
    format!("SELECT pg_catalog.pg_logical_emit_message(true, 'migrate', '') /* {process} {number} {time} */")
}

/// Ends the wait from another connection: pgbouncer 1.18 ends itself if a cancellation comes together with the end of its client.
/// A pooler that has no other connection to lend keeps this one waiting.
async fn cancel_from_beside(source: Source<'static>, commit: String) {
    let Ok(connection) = source.connect().await else { return };
    let cancel = format!(
        "SELECT pg_catalog.pg_cancel_backend(a.pid) FROM pg_catalog.pg_stat_activity AS a \
         WHERE a.wait_event OPERATOR(pg_catalog.=) 'SyncRep' AND a.query OPERATOR(pg_catalog.=) {}",
        quote::literal(&commit)
    );
    // The answer to the commit shows whether it was cancelled.
    drop(connection.take().simple_query(&cancel).await);
}
