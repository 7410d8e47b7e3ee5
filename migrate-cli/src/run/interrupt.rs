use std::sync::{Arc, Mutex};
use std::time::Duration;

use migrate_core::{Error, ErrorKind, Result};
use migrate_runtime::Event;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};

/// How long what is still under way may take to be cancelled.
const GRACE: Duration = Duration::from_secs(5);

/// How long we go on reading what the server has said already.
const ANSWERS: Duration = Duration::from_millis(100);

/// What a run had applied when it was asked to stop.
#[derive(Debug, Clone, Default)]
pub(crate) struct AppliedPatches(Arc<Mutex<Vec<String>>>);

impl AppliedPatches {
    /// Remembers a patch that is in.
    pub(crate) fn note(&self, event: &Event) {
        if let (Event::Applied { bundle, version, .. }, Ok(mut applied)) = (event, self.0.lock()) {
            applied.push(format!("{bundle} {version}"));
        }
    }

    /// What the run gives, unless we are asked to stop first: by Ctrl-C, or by SIGTERM. It is dropped then, which
    /// closes its connection and has the server cancel its statement.
    pub(crate) async fn unless_stopped<T>(&self, run: impl Future<Output = Result<T>>) -> Result<T> {
        let tasks = alive();
        let mut run = Box::pin(run);
        tokio::select! {
            outcome = &mut run => return outcome,
            () = asked() => {}
        }
        // What the server has said by now is true, whether we have read it or not.
        if let Ok(outcome) = timeout(ANSWERS, &mut run).await {
            return outcome;
        }
        drop(run);
        // The request to cancel travels by itself; the process must not end before it.
        let started = Instant::now();
        while alive() > tasks && started.elapsed() < GRACE {
            sleep(Duration::from_millis(2)).await;
        }
        Err(self.stopped())
    }

    fn stopped(&self) -> Error {
        let error = Error::new(ErrorKind::Stopped, "stopped, and what was under way was cancelled").help(
            "`cargo migrate status` tells where the database is; `cargo migrate up` goes on from there",
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
        // Nobody can tell us: then the signal ends the process, as it would have.
        _ => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn asked() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
