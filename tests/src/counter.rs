use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::mpsc::unbounded_channel;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// A way to a server that counts round trips: how often a client that had all its answers sent something.
///
/// Answers are kept back until everything that was sent is answered, and for a while longer, so that what is sent without
/// waiting for them counts once, however slow the server is. A connection that is made
/// while another one waits for an answer only looks whether the server works, which depends on how fast it is: it is
/// passed on and not counted.
pub struct Counter {
    /// How to get there by it.
    pub config: Config,
    trips: Arc<AtomicU64>,
    received: Arc<AtomicU64>,
    empty: Arc<AtomicU64>,
}

/// How long a client has to send what it would send without an answer.
const DELAY: Duration = Duration::from_millis(100);

/// For how many delays an answer may stop in the middle before it is passed on as it is: the client has to do something.
const PATIENCE: u32 = 30;

impl Counter {
    pub async fn start(config: &Config) -> Counter {
        let Host::Unix(directory) = &config.get_hosts()[0] else { panic!("the test servers have sockets") };
        let socket = directory.join(format!(".s.PGSQL.{}", config.get_ports()[0]));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut near = Config::new();
        near.host("127.0.0.1").port(listener.local_addr().unwrap().port());
        near.user(config.get_user().unwrap()).dbname(config.get_dbname().unwrap());
        near.ssl_mode(tokio_postgres::config::SslMode::Disable);
        let trips = Arc::new(AtomicU64::new(0));
        let received = Arc::new(AtomicU64::new(0));
        let empty = Arc::new(AtomicU64::new(0));
        let counted = (trips.clone(), received.clone(), empty.clone());
        let waiting = Arc::new(AtomicI64::new(0));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = UnixStream::connect(&socket).await.unwrap();
                let (mut trips, received, empty) = counted.clone();
                if waiting.load(Ordering::SeqCst) > 0 {
                    trips = Arc::default();
                }
                tokio::spawn(pass(near, far, trips, received, empty, waiting.clone()));
            }
        });
        Counter { config: near, trips, received, empty }
    }

    /// The round trips since the last call.
    pub fn take(&self) -> u64 {
        self.trips.swap(0, Ordering::SeqCst)
    }

    /// How many bytes the server has sent since the last call.
    pub fn received(&self) -> u64 {
        self.received.swap(0, Ordering::SeqCst)
    }

    /// How many queries without any text were sent since the last call.
    pub fn empty(&self) -> u64 {
        self.empty.swap(0, Ordering::SeqCst)
    }
}

/// The types of the messages that have come to an end in a stream, piece by piece.
#[derive(Default)]
pub(crate) struct Frames {
    waiting: Vec<u8>,
    begun: bool,
    /// How many of them were queries without any text.
    empty: u64,
}

impl Frames {
    pub(crate) fn server() -> Frames {
        Frames { begun: true, ..Frames::default() }
    }

    /// How many messages of these types end in a piece.
    pub(crate) fn count(&mut self, piece: &[u8], types: &[u8]) -> i64 {
        self.waiting.extend_from_slice(piece);
        let (mut found, mut at) = (0, 0);
        loop {
            // The first message of a client has no type.
            let head = at + usize::from(self.begun);
            let length =
                self.waiting.get(head..head + 4).map(|it| u32::from_be_bytes(it.try_into().unwrap()));
            let Some(end) =
                length.map(|length| head + length as usize).filter(|end| *end <= self.waiting.len())
            else {
                self.waiting.drain(..at);
                return found;
            };
            found += i64::from(!self.begun || types.contains(&self.waiting[at]));
            // A length and a zero.
            self.empty += u64::from(self.begun && self.waiting[at] == b'Q' && end - head == 5);
            (self.begun, at) = (true, end);
        }
    }
}

async fn pass(
    near: TcpStream,
    far: UnixStream,
    trips: Arc<AtomicU64>,
    received: Arc<AtomicU64>,
    empty: Arc<AtomicU64>,
    waiting: Arc<AtomicI64>,
) {
    let ((mut asks, mut answered), (mut answers, mut asked)) = (near.into_split(), far.into_split());
    let open = Arc::new(AtomicI64::new(0));
    let asking = open.clone();
    let waits = waiting.clone();
    // Passed on by another task: a server that is at work takes no more than its buffer holds, and what comes behind that
    // would seem to have been sent after the answer.
    let (forward, mut pieces) = unbounded_channel();
    tokio::spawn(async move {
        let (mut chunk, mut frames) = (vec![0; 1 << 16], Frames::default());
        while let Ok(read @ 1..) = asks.read(&mut chunk).await {
            let ended = frames.count(&chunk[..read], b"QS");
            empty.fetch_add(std::mem::take(&mut frames.empty), Ordering::SeqCst);
            // A long message comes in several pieces: it counts when it ends.
            let first = asking.fetch_add(ended, Ordering::SeqCst) == 0 && ended > 0;
            waits.fetch_add(ended, Ordering::SeqCst);
            trips.fetch_add(u64::from(first), Ordering::SeqCst);
            if forward.send(chunk[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    tokio::spawn(async move {
        while let Some(piece) = pieces.recv().await {
            if asked.write_all(&piece).await.is_err() {
                return;
            }
        }
    });
    let (mut chunk, mut held, mut done, mut silent) = (vec![0; 1 << 16], Vec::new(), 0, 0);
    let (mut frames, mut requests) = (Frames::server(), Frames::server());
    let mut requested = 0;
    loop {
        match tokio::time::timeout(DELAY, answers.read(&mut chunk)).await {
            Ok(Ok(read @ 1..)) => {
                received.fetch_add(read as u64, Ordering::SeqCst);
                held.extend_from_slice(&chunk[..read]);
                done += frames.count(&chunk[..read], b"Z");
                // The server asks for the rows of a COPY, and answers when it has them.
                requested += requests.count(&chunk[..read], b"G");
                silent = 0;
            }
            Ok(_) => return,
            Err(_) if held.is_empty() => {}
            Err(_) => {
                silent += 1;
                if done < open.load(Ordering::SeqCst) && requested == 0 && silent < PATIENCE {
                    continue;
                }
                open.fetch_sub(done, Ordering::SeqCst);
                waiting.fetch_sub(done, Ordering::SeqCst);
                (done, requested) = (0, 0);
                if answered.write_all(&std::mem::take(&mut held)).await.is_err() {
                    return;
                }
            }
        }
    }
}
