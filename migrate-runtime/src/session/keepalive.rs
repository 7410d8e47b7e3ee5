use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::connection::connection::Connection;
use crate::options::options::Options;

/// A task that sends an empty query at intervals, so that the server does not end the session while we wait for a
/// callback, another node or a pause. The task ends with the process: the server's limit is there for a process that
/// is gone.
pub(crate) struct Keepalive(JoinHandle<()>);

impl Keepalive {
    /// Starts the task; `None` if there is no limit.
    pub(crate) fn start(connection: &Arc<Connection>, options: &Options) -> Option<Keepalive> {
        let limits = [options.idle_limit, options.answer_timeout];
        let shortest = limits.into_iter().filter(|limit| !limit.is_zero()).min()?;
        let connection = Arc::downgrade(connection);
        Some(Keepalive(tokio::spawn(keep(connection, (shortest / 3).max(SHORTEST)))))
    }
}

impl Keepalive {
    /// Stops the task, so that nothing else holds the connection.
    pub(crate) async fn stop(mut self) {
        self.0.abort();
        // The task has ended, whatever it returned.
        let _ = (&mut self.0).await;
    }
}

impl Drop for Keepalive {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The shortest pause, however short the limits are.
const SHORTEST: Duration = Duration::from_millis(50);

async fn keep(connection: Weak<Connection>, pause: Duration) {
    loop {
        tokio::time::sleep(pause).await;
        let Some(connection) = connection.upgrade() else { return };
        // The code that works on the connection reports the error.
        if connection.simple_query("").await.is_err() {
            return;
        }
    }
}
