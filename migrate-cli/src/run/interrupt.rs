use std::sync::{Arc, Mutex};
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::Event;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};

/// How long a statement may take to be cancelled.
const GRACE: Duration = Duration::from_secs(5);

/// How long to read answers that the server has already sent.
const ANSWERS: Duration = Duration::from_millis(100);

/// The patches that a run had applied when it was interrupted.
#[derive(Debug, Clone, Default)]
pub(crate) struct AppliedPatches(Arc<Mutex<Vec<String>>>);

impl AppliedPatches {
    /// Records an applied patch.
    pub(crate) fn note(&self, event: &Event) {
        if let (Event::Applied { patch, .. }, Ok(mut applied)) = (event, self.0.lock()) {
            applied.push(format!("{} {}", patch.bundle, patch.version));
        }
    }

    /// The result of the run, unless Ctrl-C or SIGTERM comes first. Then the run is dropped, which closes its connection and
    /// makes the server cancel the statement.
    pub(crate) async fn unless_stopped<T>(&self, run: impl Future<Output = Result<T>>) -> Result<T> {
        let tasks = alive();
        let mut run = Box::pin(run);
        tokio::select! {
            outcome = &mut run => return outcome,
            () = asked() => {}
        }
        // Patches whose commits the server has confirmed by now are applied, although we have not read it yet.
        if let Ok(outcome) = timeout(ANSWERS, &mut run).await {
            return outcome;
        }
        drop(run);
        // The request to cancel is sent by a task of its own: wait for it before the process ends.
        let started = Instant::now();
        while alive() > tasks && started.elapsed() < GRACE {
            sleep(Duration::from_millis(2)).await;
        }
        Err(self.stopped())
    }

    fn stopped(&self) -> Error {
        let error = Error::new(ErrorKind::Stopped, "stopped, and the running statement was cancelled").help(
            "`cargo migrate status` shows which patches are applied; `cargo migrate up` applies the rest",
        );
        match self.0.lock() {
            Ok(applied) if !applied.is_empty() => error.applied(applied.clone()),
            Ok(_) | Err(_) => error.note("nothing was applied before it"),
        }
    }
}

fn alive() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

#[cfg(unix)]
async fn asked() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // No handler could be installed: a signal then ends the process, as by default.
        _ => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn asked() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
