use std::path::PathBuf;

use embed_migrate_runtime::Settings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// A way to a server that passes nothing on any more once a client has sent this text, until it may again.
pub struct Relay {
    /// How to get there by it.
    pub settings: Settings,
    held: watch::Receiver<bool>,
    released: watch::Sender<bool>,
}

impl Relay {
    pub async fn start(config: &Config, text: &'static str) -> Relay {
        Relay::open(config, text, false).await
    }

    /// One that passes on what was sent, this text too, and whose connection gives no answers from then on.
    pub async fn mute(config: &Config, text: &'static str) -> Relay {
        Relay::open(config, text, true).await
    }

    async fn open(config: &Config, text: &'static str, mute: bool) -> Relay {
        let Host::Unix(directory) = &config.get_hosts()[0] else { panic!("the test servers have sockets") };
        let socket = directory.join(format!(".s.PGSQL.{}", config.get_ports()[0]));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (user, name) = (config.get_user().unwrap(), config.get_dbname().unwrap());
        let url = format!("postgresql://{user}@127.0.0.1:{port}/{name}?sslmode=disable");
        let settings = Settings::parse(&url, &|_| None).unwrap();
        let ((holds, held), (released, release)) = (watch::channel(false), watch::channel(false));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(relay(near, socket.clone(), (text, mute), holds.clone(), release.clone()));
            }
        });
        Relay { settings, held, released }
    }

    /// Waits until the text has come.
    pub async fn holds(&mut self) {
        self.held.wait_for(|held| *held).await.unwrap();
    }

    /// Passes on what was held back, and all that comes.
    pub fn release(&self) {
        self.released.send(true).unwrap();
    }
}

async fn relay(
    near: TcpStream,
    socket: PathBuf,
    (text, mute): (&'static str, bool),
    holds: watch::Sender<bool>,
    mut release: watch::Receiver<bool>,
) {
    let far = UnixStream::connect(socket).await.unwrap();
    let ((mut from, mut to), (mut answers, mut questions)) = (near.into_split(), far.into_split());
    let (muted, mut stops) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::io::copy(&mut answers, &mut to) => {}
            // The connection stays open.
            () = async { drop(stops.wait_for(|stops| *stops).await) } => std::future::pending().await,
        }
    });
    let (mut chunk, mut waiting, mut silent) = (vec![0; 1 << 16], Vec::<u8>::new(), false);
    loop {
        tokio::select! {
            read = from.read(&mut chunk) => match read {
                Ok(read @ 1..) => waiting.extend_from_slice(&chunk[..read]),
                _ => return,
            },
            _ = release.wait_for(|released| *released), if silent => {}
        }
        let found = waiting.windows(text.len()).position(|part| part == text.as_bytes());
        let end = match *release.borrow() {
            true => waiting.len(),
            false if silent => 0,
            false => found.map_or(waiting.len(), |start| if mute { start + text.len() } else { start }),
        };
        silent = !*release.borrow() && (silent || found.is_some());
        muted.send_if_modified(|muted| !std::mem::replace(muted, silent && mute) && silent && mute);
        holds.send_if_modified(|held| !std::mem::replace(held, *held || silent) && silent);
        let rest = waiting.split_off(end);
        // The server may have ended the connection.
        if questions.write_all(&std::mem::replace(&mut waiting, rest)).await.is_err() {
            return;
        }
    }
}
