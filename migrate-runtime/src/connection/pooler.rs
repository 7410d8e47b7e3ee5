use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio_postgres::CancelToken;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// The server process that was announced to a connection when it began, if the client knows one.
///
/// A direct connection talks to that very process; a pooler invents the number. So a connection whose process has another
/// number goes through a pooler. The client keeps the number for itself, but writes it into the CancelRequest that it sends
/// on a stream of our choice (PostgreSQL manual, 53.7): here, one that ends in memory. No message leaves the process.
#[derive(Clone, Copy)]
pub(crate) struct AnnouncedProcess(Option<i32>);

impl AnnouncedProcess {
    pub(crate) async fn of(token: &CancelToken) -> AnnouncedProcess {
        AnnouncedProcess(announced(token).await)
    }

    /// An SQL expression that is true if the connection is the server's own. Behind a pooler, a lock or a setting of the
    /// session would stay with a session that is not ours.
    pub(crate) fn is_direct_sql(self) -> String {
        self.0.map_or("false".to_owned(), |pid| {
            format!("pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) {pid}")
        })
    }

    /// Whether the connection is the server's own, by the process that works for it.
    pub(crate) fn is_direct(self, working: i32) -> bool {
        self.0 == Some(working)
    }
}

async fn announced(token: &CancelToken) -> Option<i32> {
    let (near, mut far) = duplex(64);
    // "S": go on with TLS, which is what `MemoryStream` claims to be, for the client may insist on it.
    far.write_all(b"S").await.ok()?;
    token.cancel_query_raw(MemoryStream(near), MemoryConnector).await.ok()?;
    let mut written = Vec::new();
    far.read_to_end(&mut written).await.ok()?;
    // CancelRequest: length, code, process, secret; four bytes each.
    let request = written.last_chunk::<16>()?;
    let [_, _, _, _, _, _, _, _, a, b, c, d, ..] = *request;
    Some(i32::from_be_bytes([a, b, c, d]))
}

/// A stream in memory that passes for an encrypted one.
struct MemoryStream(DuplexStream);

struct MemoryConnector;

impl TlsConnect<MemoryStream> for MemoryConnector {
    type Stream = MemoryStream;
    type Error = io::Error;
    type Future = std::future::Ready<io::Result<MemoryStream>>;

    fn connect(self, stream: MemoryStream) -> Self::Future {
        std::future::ready(Ok(stream))
    }
}

impl TlsStream for MemoryStream {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl AsyncRead for MemoryStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for MemoryStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
