use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio_postgres::CancelToken;
use tokio_postgres::tls::{ChannelBinding, TlsConnect, TlsStream};

/// The server process that was announced to the connection when it began.
///
/// A direct connection talks to that very process; a pooler invents the number. The client keeps it for
/// itself, but writes it into the CancelRequest that it sends on a stream of our choice (PostgreSQL manual,
/// 53.7): here, one that ends in memory. No message leaves the process.
pub(crate) async fn announced_pid(token: &CancelToken) -> Option<i32> {
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
