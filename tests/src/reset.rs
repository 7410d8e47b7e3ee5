use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use embed_migrate_runtime::Settings;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// Who sends a message of PostgreSQL's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sender {
    Client,
    Server,
}

/// A way to a server on which one message is not passed on: the connection is reset in both directions instead.
pub struct Reset {
    /// How to get there by it.
    pub settings: Settings,
    count: Arc<Mutex<Count>>,
}

/// How many messages were passed on, of all connections.
struct Count {
    client: usize,
    server: usize,
    at: Option<(Sender, usize)>,
}

impl Reset {
    /// Resets at the message of that number, of those that the sender sends; `None` resets nothing.
    pub async fn start(config: &Config, at: Option<(Sender, usize)>) -> Reset {
        let Host::Unix(directory) = &config.get_hosts()[0] else { panic!("the test servers have sockets") };
        let socket = directory.join(format!(".s.PGSQL.{}", config.get_ports()[0]));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
        let url = format!("postgresql://{user}@127.0.0.1:{port}/{name}?sslmode=disable");
        let settings = Settings::parse(&url, &|_| None).unwrap();
        let count = Arc::new(Mutex::new(Count { client: 0, server: 0, at }));
        let counted = count.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(connection(near, socket.clone(), counted.clone()));
            }
        });
        Reset { settings, count }
    }

    /// How many messages each of them sent so far.
    pub fn counted(&self, sender: Sender) -> usize {
        let count = self.count.lock().unwrap();
        match sender {
            Sender::Client => count.client,
            Sender::Server => count.server,
        }
    }
}

impl Count {
    /// Whether the next message is passed on.
    fn passes(&mut self, sender: Sender) -> bool {
        let count = match sender {
            Sender::Client => &mut self.client,
            Sender::Server => &mut self.server,
        };
        *count += 1;
        self.at != Some((sender, *count))
    }
}

async fn connection(near: TcpStream, socket: PathBuf, count: Arc<Mutex<Count>>) {
    // What was sent is discarded, and the other side notices at once.
    near.set_zero_linger().unwrap();
    let Ok(far) = UnixStream::connect(socket).await else { return };
    let ((mut asks, mut replies), (mut answers, mut asked)) = (near.into_split(), far.into_split());
    let (reset, mut is_reset) = watch::channel(false);
    let client = pass(Sender::Client, &mut asks, &mut asked, &count, &reset);
    let server = pass(Sender::Server, &mut answers, &mut replies, &count, &reset);
    tokio::select! {
        _ = async { tokio::join!(client, server) } => {
            // A connection that came to its end is closed as usual: what was sent arrives.
            let whole = !*reset.borrow();
            if whole {
                _ = replies.shutdown().await;
                _ = tokio::time::timeout(Duration::from_secs(5), asks.read(&mut [0; 64])).await;
            }
        }
        _ = async { is_reset.wait_for(|reset| *reset).await.map(drop) } => {}
    }
}

/// Passes messages on until one of both is gone, or the connection is to be reset.
async fn pass(
    sender: Sender,
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    count: &Mutex<Count>,
    reset: &watch::Sender<bool>,
) {
    let (mut waiting, mut chunk, mut first) = (Vec::new(), vec![0; 1 << 16], sender == Sender::Client);
    let mut last = 0;
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        waiting.extend_from_slice(&chunk[..read]);
        while let Some(length) = message(&waiting, first) {
            // The rows of an answer are one message: an answer without its end is none, however many rows came.
            let row = std::mem::replace(&mut last, waiting[0]) == ROW && waiting[0] == ROW && !first;
            first = false;
            if !row && !count.lock().unwrap().passes(sender) {
                _ = reset.send(true);
                return;
            }
            let rest = waiting.split_off(length);
            if to.write_all(&std::mem::replace(&mut waiting, rest)).await.is_err() {
                return;
            }
        }
    }
    _ = to.shutdown().await;
}

/// The kind of a message that has a row.
const ROW: u8 = b'D';

/// How long the first message is, if all of it is there. Only what begins a connection has no type.
fn message(bytes: &[u8], first: bool) -> Option<usize> {
    let kind = usize::from(!first);
    let length: [u8; 4] = bytes.get(kind..kind + 4)?.try_into().ok()?;
    let length = kind + u32::from_be_bytes(length) as usize;
    (bytes.len() >= length).then_some(length)
}
