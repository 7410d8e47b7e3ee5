use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(10);
const FINE: Duration = Duration::from_micros(200);

/// Polls often at first and more seldom later (1 ms to 10 ms), until a deadline.
///
/// A server is ready after some 20 ms: anything coarser would be most of the wait.
#[derive(Debug)]
pub(crate) struct Pace {
    until: Option<Instant>,
    step: Duration,
    longest: Duration,
}

impl Pace {
    /// A pace that ends after `limit`; a limit past what the clock can tell never ends.
    pub(crate) fn new(limit: Duration) -> Pace {
        Pace { until: Instant::now().checked_add(limit), step: FIRST, longest: LONGEST }
    }

    /// A pace that stays at 0.2 ms, for what takes few milliseconds and costs little to ask.
    pub(crate) fn fine(limit: Duration) -> Pace {
        Pace { until: Instant::now().checked_add(limit), step: FINE, longest: FINE }
    }

    /// Waits a step; `false`, without waiting, once the deadline has passed.
    pub(crate) async fn step(&mut self) -> bool {
        match self.next() {
            Some(step) => tokio::time::sleep(step).await,
            None => return false,
        }
        true
    }

    /// The same for a thread that may block.
    pub(crate) fn step_blocking(&mut self) -> bool {
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
