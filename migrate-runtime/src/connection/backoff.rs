use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

/// Sleeps for about `first` doubled `attempt` times, at most `most`: between half of that and all of it, so
/// that processes that woke together don't stay together.
pub(crate) async fn jittered(first: Duration, attempt: u32, most: Duration) {
    tokio::time::sleep(length(first, attempt, most)).await;
}

/// How long it is before a patch that did not get a lock is tried again: about 100 ms at first, and at most 5 s.
pub(crate) fn retry(attempt: u32) -> Duration {
    length(Duration::from_millis(100), attempt, Duration::from_secs(5))
}

fn length(first: Duration, attempt: u32, most: Duration) -> Duration {
    let whole = first.saturating_mul(1 << attempt.min(16)).min(most);
    // A hasher's keys are random, which is all that is asked for here.
    let random = RandomState::new().build_hasher().finish();
    let part = (random % 1_000) as u32;
    whole / 2 + whole.mul_f64(f64::from(part) / 2_000.0)
}
