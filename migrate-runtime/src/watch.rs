use std::future::Future;
use std::time::Duration;

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
    /// The file that it works on.
    pub(crate) file: &'a str,
}

impl Watch<'_> {
    /// Waits for the answer, and tells who is in its way; those that were there last.
    pub(crate) async fn over<T>(&self, answer: impl Future<Output = T>) -> (T, Vec<Holder>) {
        let mut answer = std::pin::pin!(answer);
        let (mut blockers, mut wait) = (Vec::new(), LOOK_AFTER);
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
                self.options.tell(&Event::Blocked { file: self.file.to_owned(), blockers: found.clone() });
                blockers = found;
            }
        }
    }
}
