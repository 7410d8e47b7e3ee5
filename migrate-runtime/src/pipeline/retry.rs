use embed_migrate_core::Step;

use crate::connection::backoff;
use crate::options::options::Options;
use crate::report::event::Event;
use crate::report::lock_holder::LockHolder;

impl Options {
    /// Says that a patch is tried again, and waits before that.
    pub(crate) async fn retry(&self, step: &Step<'_>, attempt: u32, blockers: Vec<LockHolder>) {
        let (file, pause) = (step.patch.file().to_string(), backoff::retry(attempt));
        self.tell(&Event::Retrying { file, attempt, pause, blockers });
        tokio::time::sleep(pause).await;
    }
}
