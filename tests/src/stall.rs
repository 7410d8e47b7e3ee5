use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use embed_migrate_runtime::Settings;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio_postgres::Config;
use tokio_postgres::config::Host;

use crate::counter::Frames;

/// Which way a connection passes nothing on any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StallDirection {
    Questions,
    Answers,
}

/// A way to a server that passes on so many questions, or the answers to so many, and then nothing. It stays open.
pub struct Stall {
    /// How to get there by it.
    pub settings: Settings,
    stalled: Arc<AtomicBool>,
}

impl Stall {
    /// It falls silent once: later connections get through, unless `all` of them stall as well.
    pub async fn start(config: &Config, way: StallDirection, after: i64, all: bool) -> Stall {
        let Host::Unix(directory) = &config.get_hosts()[0] else { panic!("the test servers have sockets") };
        let socket = directory.join(format!(".s.PGSQL.{}", config.get_ports()[0]));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
        let url = format!("postgresql://{user}@127.0.0.1:{port}/{name}?sslmode=disable&connect_timeout=1");
        let settings = Settings::parse(&url, &|_| None).unwrap();
        let stalled = Arc::new(AtomicBool::new(false));
        let shared = stalled.clone();
        tokio::spawn(async move {
            let mut first = true;
            while let Ok((near, _)) = listener.accept().await {
                let stalls = std::mem::take(&mut first);
                tokio::spawn(pass(
                    near,
                    socket.clone(),
                    way,
                    if stalls { after } else { i64::MAX },
                    all,
                    shared.clone(),
                ));
            }
        });
        Stall { settings, stalled }
    }

    /// Whether it came to that.
    pub fn stalled(&self) -> bool {
        self.stalled.load(Ordering::SeqCst)
    }
}

async fn pass(
    near: tokio::net::TcpStream,
    socket: PathBuf,
    way: StallDirection,
    after: i64,
    all: bool,
    stalled: Arc<AtomicBool>,
) {
    let far = UnixStream::connect(socket).await.unwrap();
    let ((asks, asked), (answers, answered)) = (near.into_split(), far.into_split());
    let limit = |here| if way == here { after } else { i64::MAX };
    let others = all.then(|| stalled.clone());
    let questions =
        copy(asks, answered, Frames::default(), b"QS", limit(StallDirection::Questions), &stalled, &others);
    let answers =
        copy(answers, asked, Frames::server(), b"Z", limit(StallDirection::Answers), &stalled, &others);
    tokio::select! {
        () = questions => {}
        () = answers => {}
    }
}

/// Passes on what comes until so many messages of these types have; ends with the connection.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut frames: Frames,
    types: &[u8],
    limit: i64,
    stalled: &AtomicBool,
    others: &Option<Arc<AtomicBool>>,
) {
    let (mut chunk, mut ended, mut silent) = (vec![0; 1 << 16], 0, false);
    while let Ok(read @ 1..) = from.read(&mut chunk).await {
        silent |= others.as_ref().is_some_and(|stalled| stalled.load(Ordering::SeqCst));
        if silent {
            continue;
        }
        let piece = &chunk[..read];
        let end = piece.iter().position(|byte| {
            ended += frames.count(&[*byte], types);
            ended >= limit
        });
        let passed = end.map_or(read, |end| end + 1);
        if to.write_all(&piece[..passed]).await.is_err() {
            return;
        }
        silent = end.is_some();
        if silent {
            stalled.store(true, Ordering::SeqCst);
        }
    }
}
