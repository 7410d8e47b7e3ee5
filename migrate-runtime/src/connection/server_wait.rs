use std::time::{Duration, Instant};

use embed_migrate_core::{Error, ErrorKind, Result};

use super::backoff;
use super::failure::is_passing;
use crate::report::event::Event;

/// How long a run waits for a server that is not there yet, by default.
pub(crate) const CONNECT_WAIT: Duration = Duration::from_secs(10);

const PAUSE: Duration = Duration::from_millis(50);
const PAUSE_MOST: Duration = Duration::from_secs(1);
const TELL_EVERY: Duration = Duration::from_secs(5);

/// The wait for a server that starts, has no free connection, or is to become the primary.
pub(crate) struct ServerWait<'a> {
    tell: &'a (dyn Fn(&Event) + Send + Sync),
    limit: Duration,
    since: Instant,
    attempt: u32,
    last_report: Option<Instant>,
}

impl<'a> ServerWait<'a> {
    pub(crate) fn new(limit: Duration, tell: &'a (dyn Fn(&Event) + Send + Sync)) -> ServerWait<'a> {
        ServerWait { tell, limit, since: Instant::now(), attempt: 0, last_report: None }
    }

    /// Pauses before the next try, and says why.
    ///
    /// # Errors
    ///
    /// The same error, if trying again does not help, or there is no time left for it.
    pub(crate) async fn again(&mut self, error: Error) -> Result<()> {
        let waited = self.since.elapsed();
        if !passes(&error) || waited >= self.limit {
            return Err(match waited >= self.limit && self.attempt > 0 && passes(&error) {
                true => error.note(format!("it was waited for, {} s in all", waited.as_secs())),
                false => error,
            });
        }
        if self.last_report.is_none_or(|last_report| last_report.elapsed() >= TELL_EVERY) {
            (self.tell)(&Event::Connecting { why: error.message().to_owned(), waited });
            self.last_report = Some(Instant::now());
        }
        backoff::jittered(PAUSE, self.attempt, PAUSE_MOST.min(self.limit.saturating_sub(waited))).await;
        self.attempt += 1;
        Ok(())
    }

    /// The server was there: if it is gone again, the wait starts again.
    pub(crate) fn reached(&mut self, tried_since: Instant) {
        if tried_since.elapsed() > self.limit {
            (self.since, self.attempt, self.last_report) = (Instant::now(), 0, None);
        }
    }
}

/// Whether the same may succeed a little later: the server starts, restarts, is full, or is not the primary yet.
fn passes(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Standby => true,
        ErrorKind::Connect => is_passing(error),
        _ => false,
    }
}
