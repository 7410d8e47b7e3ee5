use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use embed_migrate_core::{Error, ErrorKind};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, NoTls};

/// A stream on which nothing but our error comes.
///
/// A pool's errors are the client's, which only the client can make; it makes one from whatever its stream
/// reports. [`super::pool::pool_error`] takes ours out again.
struct ErrorStream(Option<Error>);

/// Wraps our error into one of the client's: connects, in form, on a stream that only fails.
pub(super) async fn wrap(error: Error) -> Result<(Client, JoinHandle<()>), tokio_postgres::Error> {
    let mut config = Config::new();
    config.user("refusal").ssl_mode(tokio_postgres::config::SslMode::Disable);
    let (client, connection) = config.connect_raw(ErrorStream(Some(error)), NoTls).await?;
    Ok((client, tokio::spawn(async move { drop(connection.await) })))
}

/// Our error, if it is one that [`wrap`] made.
pub(super) fn unwrap(error: tokio_postgres::Error) -> Result<Error, tokio_postgres::Error> {
    let io = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<io::Error>());
    if !io.and_then(io::Error::get_ref).is_some_and(|inner| inner.is::<Error>()) {
        return Err(error);
    }
    let text = error.to_string();
    let inner = error.into_source().and_then(|source| source.downcast::<io::Error>().ok());
    let ours = inner.and_then(|io| io.into_inner()).and_then(|inner| inner.downcast::<Error>().ok());
    Ok(ours.map_or_else(|| Error::new(ErrorKind::Connect, text), |ours| *ours))
}

impl ErrorStream {
    fn fail<T>(&mut self) -> Poll<io::Result<T>> {
        Poll::Ready(Err(match self.0.take() {
            Some(error) => io::Error::other(error),
            None => io::ErrorKind::BrokenPipe.into(),
        }))
    }
}

impl AsyncRead for ErrorStream {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.fail()
    }
}

impl AsyncWrite for ErrorStream {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, _: &[u8]) -> Poll<io::Result<usize>> {
        self.fail()
    }

    fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.fail()
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
