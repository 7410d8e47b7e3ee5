use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::connection::connection::Connection;
use crate::options::options::Options;

/// A task that sends a query without any text every so often, so that the server does not take us for dead while a callback,
/// another node or a pause is waited for. It stops with the process, which is what the server's limit is for.
pub(crate) struct Keepalive(JoinHandle<()>);

impl Keepalive {
    /// Starts it; there is none where nothing has a limit.
    pub(crate) fn start(connection: &Arc<Connection>, options: &Options) -> Option<Keepalive> {
        let limits = [options.idle_limit, options.answer_timeout];
        let shortest = limits.into_iter().filter(|limit| !limit.is_zero()).min()?;
        let connection = Arc::downgrade(connection);
        Some(Keepalive(tokio::spawn(keep(connection, (shortest / 3).max(SHORTEST)))))
    }
}

impl Keepalive {
    /// Stops it, so that nobody else has the connection.
    pub(crate) async fn stop(mut self) {
        self.0.abort();
        // It is over one way or the other.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Keepalive {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// However short the limits are.
const SHORTEST: Duration = Duration::from_millis(50);

async fn keep(connection: Weak<Connection>, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        let Some(connection) = connection.upgrade() else { return };
        // What is wrong with the connection, whoever works on it finds out.
        if connection.simple_query("").await.is_err() {
            return;
        }
    }
}
