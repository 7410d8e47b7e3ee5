use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use embed_migrate_runtime::Event;

use super::print;

/// The progress of a backfill: on a terminal one line that is updated, elsewhere a line every few seconds.
#[derive(Default)]
pub(crate) struct BackfillProgress(Mutex<ProgressState>);

#[derive(Default)]
struct ProgressState {
    /// Whether the terminal shows a line without its end.
    drawn: bool,
    last_report: Option<Instant>,
    /// The latest batch, if it was not printed yet.
    last: Option<String>,
}

/// The time between two lines if stderr is no terminal.
const EVERY: Duration = Duration::from_secs(10);

impl BackfillProgress {
    /// Shows a batch, and returns whether the event is one. Before any other event, the line is ended.
    pub(crate) fn is_batch(&self, event: &Event) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Event::Batch { .. } = event else {
            state.end();
            return false;
        };
        if print::fleeting(event) {
            state.drawn = true;
        } else if state.last_report.is_none_or(|last_report| last_report.elapsed() >= EVERY) {
            print::progress(event);
            (state.last_report, state.last) = (Some(Instant::now()), None);
        } else {
            state.last = Some(event.to_string());
        }
        true
    }
}

impl ProgressState {
    /// Ends the line on the terminal, or prints the latest batch.
    fn end(&mut self) {
        if std::mem::take(&mut self.drawn) {
            print::progress("");
        }
        self.last.take().iter().for_each(print::progress);
        self.last_report = None;
    }
}

impl Drop for BackfillProgress {
    fn drop(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).end();
    }
}
