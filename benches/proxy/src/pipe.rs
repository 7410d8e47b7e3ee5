//! One direction of a connection.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

/// Carries bytes until either side ends, each chunk `delay` after it came. Chunks wait side by side, so the delay
/// costs a wait and no throughput. `came` sees bytes when they come, `goes` right before they go.
///
/// A thread sleeps to within 0.1 ms, where a runtime's timer is good to 1 ms.
pub(crate) fn pipe(
    mut from: TcpStream,
    mut to: TcpStream,
    delay: Duration,
    mut came: impl FnMut(&[u8]) + Send,
    mut goes: impl FnMut(&[u8]) + Send,
) {
    let (sender, receiver) = channel::<(Instant, Vec<u8>)>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(length @ 1..) = from.read(&mut buffer) {
                let chunk = &buffer[..length];
                came(chunk);
                if sender.send((Instant::now() + delay, chunk.to_vec())).is_err() {
                    break;
                }
            }
        });
        for (due, chunk) in receiver {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            goes(&chunk);
            if to.write_all(&chunk).is_err() {
                break;
            }
        }
        // The other end learns that nothing more comes; what it still says is carried by the other direction.
        let _ = to.shutdown(Shutdown::Write);
    });
}
