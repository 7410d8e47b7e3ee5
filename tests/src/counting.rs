use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::UnixStream;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

/// Counts how often a client sends after it has read: its round trips.
#[derive(Clone, Default)]
pub struct Counter {
    turns: Arc<AtomicUsize>,
    reading: Arc<AtomicBool>,
}

impl Counter {
    /// The round trips since the last time that this was asked.
    pub fn take(&self) -> usize {
        self.reading.store(true, Ordering::SeqCst);
        self.turns.swap(0, Ordering::SeqCst)
    }
}

/// A client of that database, on its Unix socket, whose round trips are counted.
pub async fn counted(config: &Config) -> (Client, Counter) {
    let Host::Unix(directory) = &config.get_hosts()[0] else { panic!("a Unix socket") };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let stream = UnixStream::connect(directory.join(format!(".s.PGSQL.{port}"))).await.unwrap();
    let counter = Counter::default();
    let stream = Counted { stream, counter: counter.clone() };
    let (client, connection) = config.connect_raw(stream, NoTls).await.unwrap();
    tokio::spawn(connection);
    counter.take();
    (client, counter)
}

struct Counted {
    stream: UnixStream,
    counter: Counter,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.counter.reading.store(true, Ordering::SeqCst);
        }
        read
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(cx, bytes);
        if matches!(wrote, Poll::Ready(Ok(_))) && self.counter.reading.swap(false, Ordering::SeqCst) {
            self.counter.turns.fetch_add(1, Ordering::SeqCst);
        }
        wrote
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
