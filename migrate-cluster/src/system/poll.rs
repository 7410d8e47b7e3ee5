use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(10);
const FINE: Duration = Duration::from_micros(200);

/// Waits between polls, in growing steps from 1 ms to 10 ms, until a deadline.
///
/// A server is ready after some 20 ms: longer steps would be most of the wait.
#[derive(Debug)]
pub(crate) struct PollTimer {
    until: Option<Instant>,
    step: Duration,
    longest: Duration,
}

impl PollTimer {
    /// A timer that ends after `limit`. A limit that the clock can't represent never ends.
    pub(crate) fn new(limit: Duration) -> PollTimer {
        PollTimer { until: Instant::now().checked_add(limit), step: FIRST, longest: LONGEST }
    }

    /// A timer with steps of 0.2 ms, for work of few milliseconds that is cheap to poll.
    pub(crate) fn frequent(limit: Duration) -> PollTimer {
        PollTimer { until: Instant::now().checked_add(limit), step: FINE, longest: FINE }
    }

    /// Waits a step. Returns `false`, without waiting, once the deadline has passed.
    pub(crate) async fn wait(&mut self) -> bool {
        match self.next() {
            Some(step) => tokio::time::sleep(step).await,
            None => return false,
        }
        true
    }

    /// The same in a thread that may block.
    pub(crate) fn wait_blocking(&mut self) -> bool {
        match self.next() {
            Some(step) => std::thread::sleep(step),
            None => return false,
        }
        true
    }

    fn next(&mut self) -> Option<Duration> {
        if self.until.is_some_and(|until| Instant::now() >= until) {
            return None;
        }
        let step = self.step;
        self.step = (step * 3 / 2).min(self.longest);
        Some(step)
    }
}
