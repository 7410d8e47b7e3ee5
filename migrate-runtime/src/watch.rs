use std::future::Future;
use std::time::Duration;

use migrate_core::{Step, Timeout};

use crate::event::{Event, Holder};
use crate::holders;
use crate::options::Options;
use crate::source::Source;

/// How long a patch may take before we look whether it waits for a lock, and how long between later looks at
/// the most: a patch that takes its time is not to be watched all the time.
const LOOK_AFTER: Duration = Duration::from_millis(500);
const LOOK_MOST: Duration = Duration::from_secs(5);

/// Looks, over a second connection, who is in the way of a process that takes long.
pub(crate) struct Watch<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) options: &'a Options,
    /// The server's process that works for us.
    pub(crate) pid: i32,
    /// What it works on.
    pub(crate) step: &'a Step<'a>,
}

impl Watch<'_> {
    /// When to look first: while a statement that waits for a lock still does.
    fn first(&self) -> Duration {
        let stated = self.step.patch.directives().ok().and_then(|directives| directives.lock_timeout);
        let limit = stated.or(self.options.lock_timeout).or(self.step.bundle.lock_timeout);
        match limit.map(Timeout::duration) {
            None | Some(Duration::ZERO) => LOOK_AFTER,
            Some(limit) => LOOK_AFTER.min(limit / 2),
        }
    }

    /// Waits for the answer, and tells who is in its way; those that were there last.
    pub(crate) async fn over<T>(&self, answer: impl Future<Output = T>) -> (T, Vec<Holder>) {
        let mut answer = std::pin::pin!(answer);
        let (mut blockers, mut wait) = (Vec::new(), self.first());
        loop {
            if let Ok(answer) = tokio::time::timeout(wait, &mut answer).await {
                return (answer, blockers);
            }
            wait = LOOK_MOST.min(wait * 2);
            // The answer goes on being awaited: looking must not hold it up.
            let looked = tokio::select! {
                looked = holders::blocking(self.source, self.pid) => looked,
                answer = &mut answer => return (answer, blockers),
            };
            // A server that is full can't be asked. The patch's own answer comes all the same.
            let Ok(found) = looked else { continue };
            if !found.is_empty() && found != blockers {
                self.options.tell(&Event::Blocked {
                    file: self.step.patch.file.to_string(),
                    blockers: found.clone(),
                });
                blockers = found;
            }
        }
    }
}
