use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::error::DbError;
use tokio_postgres::{AsyncMessage, Connection};

/// The notices of a server, on their way from the task that reads the connection to the listener.
///
/// Several messages are sent at a time, and a notice does not show which of them it belongs to. So the task that reads stops
/// still until the notice was taken, and it is taken once all answers were that came before it.
#[derive(Clone, Default)]
pub(crate) struct Notices(Arc<Mutex<StreamState>>);

#[derive(Default)]
struct StreamState {
    listeners: usize,
    notice: Option<DbError>,
    reader: Option<Waker>,
    listener: Option<Waker>,
}

impl Notices {
    /// Works for a client until its connection ends. What ends it, the client's next call reports.
    pub(crate) async fn drive<S, T>(self, mut connection: Connection<S, T>)
    where
        S: AsyncRead + AsyncWrite + Unpin,
        T: AsyncRead + AsyncWrite + Unpin,
    {
        poll_fn(|context| {
            loop {
                if self.is_untaken(context) {
                    return Poll::Pending;
                }
                match ready!(connection.poll_message(context)) {
                    Some(Ok(AsyncMessage::Notice(notice))) => self.put(notice),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Poll::Ready(()),
                }
            }
        })
        .await;
    }

    /// Holds the server's messages until [`Notices::hear`], between two answers.
    pub(crate) fn listen(&self) -> ListenGuard<'_> {
        self.with(|state| state.listeners += 1);
        ListenGuard(self)
    }

    /// Waits for an answer, and meanwhile hears what the server says.
    pub(crate) async fn hear<T>(&self, answer: impl Future<Output = T>, mut hear: impl FnMut(DbError)) -> T {
        let listening = self.listen();
        let mut answer = pin!(answer);
        poll_fn(|context| {
            loop {
                // The reader waits at the current message, and has handed out all answers before it.
                let waits = listening.0.with(|state| state.notice.is_some());
                if let Poll::Ready(answer) = answer.as_mut().poll(context) {
                    return Poll::Ready(answer);
                }
                match listening.0.with(|state| state.take(waits, context)) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Some(notice)) => hear(notice),
                    Poll::Ready(None) => {}
                }
            }
        })
        .await
    }

    fn with<T>(&self, then: impl FnOnce(&mut StreamState) -> T) -> T {
        then(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_untaken(&self, context: &Context<'_>) -> bool {
        self.with(|state| {
            let untaken = state.notice.is_some();
            state.reader = untaken.then(|| context.waker().clone());
            untaken
        })
    }

    fn put(&self, notice: DbError) {
        let unheard = self.with(|state| {
            if state.listeners == 0 {
                return Some(notice);
            }
            state.notice = Some(notice);
            state.listener.take().iter().for_each(Waker::wake_by_ref);
            None
        });
        // As the client does with all of them.
        if let Some(notice) = unheard {
            log::info!("{}: {}", notice.severity(), notice.message());
        }
    }
}

impl StreamState {
    /// The notices that are there already; otherwise the listener is woken when one comes.
    fn take(&mut self, waited: bool, context: &Context<'_>) -> Poll<Option<DbError>> {
        match (&self.notice, waited) {
            (None, _) => {
                self.listener = Some(context.waker().clone());
                Poll::Pending
            }
            (Some(_), false) => Poll::Ready(None),
            (Some(_), true) => {
                self.reader.take().iter().for_each(Waker::wake_by_ref);
                Poll::Ready(self.notice.take())
            }
        }
    }
}

/// As long as the run listens, the reader waits for it.
pub(crate) struct ListenGuard<'a>(&'a Notices);

impl Drop for ListenGuard<'_> {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.listeners -= 1;
            if state.listeners == 0 {
                state.notice = None;
                state.reader.take().iter().for_each(Waker::wake_by_ref);
            }
        });
    }
}
