use embed_migrate::{Error, ErrorKind, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Whether SIGTERM or SIGINT was received.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// Listens for the signals from now on.
    pub(crate) fn listen() -> Result<Stop> {
        let deaf = |error: std::io::Error| {
            Error::new(ErrorKind::Unsupported, "can't listen for signals").caused_by(error)
        };
        let mut terminate = signal(SignalKind::terminate()).map_err(deaf)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(deaf)?;
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            // Without a receiver there is nothing to stop.
            let _ = sender.send(true);
            std::future::pending::<()>().await;
        });
        Ok(Stop(receiver))
    }

    /// Waits for the signal.
    pub(crate) async fn requested(mut self) {
        // The sender lives as long as the runtime.
        let _ = self.0.wait_for(|requested| *requested).await;
    }

    /// The future's output, or `None` if a signal comes first; the future is dropped then.
    pub(crate) async fn or<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            output = future => Some(output),
            () = self.clone().requested() => None,
        }
    }
}
