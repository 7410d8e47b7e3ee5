//! The listening side.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::Counts;
use crate::connection::Connection;
use crate::pipe::pipe;

/// A proxy on a port of its own; it ends when dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    ending: AtomicBool,
    /// One for each connection, since the last call.
    connections: Mutex<Vec<JoinHandle<Counts>>>,
}

impl Proxy {
    /// Listens on a free port of 127.0.0.1 and passes everything to `server`, keeping it back for `delay` each way.
    ///
    /// # Errors
    ///
    /// No port is free.
    pub fn start(server: SocketAddr, delay: Duration) -> io::Result<Proxy> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let listening = Some(thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&listener, server, delay, &shared)
        }));
        Ok(Proxy { port, shared, listening })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until all connections are over, and returns what was said since the last time.
    pub fn take(&self) -> Counts {
        let connections = std::mem::take(&mut *self.shared.lock());
        connections.into_iter().filter_map(|connection| connection.join().ok()).fold(Counts::default(), sum)
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<JoinHandle<Counts>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ending.store(true, Ordering::SeqCst);
        // Accepting blocks: one more connection wakes it.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn listen(listener: &TcpListener, server: SocketAddr, delay: Duration, shared: &Shared) {
    while let Ok((client, _)) = listener.accept() {
        if shared.ending.load(Ordering::SeqCst) {
            break;
        }
        shared.lock().push(thread::spawn(move || {
            let connection = Mutex::new(Connection::new());
            // A side that has gone ends the connection, and nothing else is asked of it.
            let _ = relay(&client, server, delay, &connection);
            connection.into_inner().unwrap_or_else(PoisonError::into_inner).into_counts()
        }));
    }
}

fn relay(
    client: &TcpStream,
    server: SocketAddr,
    delay: Duration,
    connection: &Mutex<Connection>,
) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let lock = || connection.lock().unwrap_or_else(PoisonError::into_inner);
    let (client_reads, server_reads) = (client.try_clone()?, server.try_clone()?);
    let (client_writes, server_writes) = (client.try_clone()?, server.try_clone()?);
    // Both ends of the client's side are counted where the client sees them: a delay is none of its doing.
    thread::scope(|scope| {
        scope.spawn(move || pipe(client_reads, server_writes, delay, |bytes| lock().client(bytes), |_| ()));
        pipe(server_reads, client_writes, delay, |_| (), |bytes| lock().server(bytes));
    });
    Ok(())
}

fn sum(mut all: Counts, one: Counts) -> Counts {
    all.connections += one.connections;
    all.round_trips += one.round_trips;
    all.bytes += one.bytes;
    all.bytes_connecting += one.bytes_connecting;
    all.locks += one.locks;
    all.commits += one.commits;
    all.synchronous_commits += one.synchronous_commits;
    for (kind, count) in one.sent {
        *all.sent.entry(kind).or_default() += count;
    }
    for (kind, count) in one.received {
        *all.received.entry(kind).or_default() += count;
    }
    all
}
