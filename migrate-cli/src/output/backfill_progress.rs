use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use migrate_runtime::Event;

use super::print;

/// How far a backfill is: one line that is drawn anew on a terminal, and a line now and then elsewhere.
#[derive(Default)]
pub(crate) struct BackfillProgress(Mutex<State>);

#[derive(Default)]
struct State {
    /// Whether a line is on the terminal that has no end yet.
    drawn: bool,
    told: Option<Instant>,
    /// What was not told yet, for the end.
    last: Option<String>,
}

/// The time between two lines where stderr is no terminal.
const EVERY: Duration = Duration::from_secs(10);

impl BackfillProgress {
    /// Takes a batch; what is to be printed for any other event may go on a line of its own afterwards.
    pub(crate) fn is_batch(&self, event: &Event) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Event::Batch { .. } = event else {
            state.end();
            return false;
        };
        if print::fleeting(event) {
            state.drawn = true;
        } else if state.told.is_none_or(|told| told.elapsed() >= EVERY) {
            print::progress(event);
            (state.told, state.last) = (Some(Instant::now()), None);
        } else {
            state.last = Some(event.to_string());
        }
        true
    }
}

impl State {
    /// Ends the line that is drawn; or says how far it came.
    fn end(&mut self) {
        if std::mem::take(&mut self.drawn) {
            print::progress("");
        }
        self.last.take().iter().for_each(print::progress);
        self.told = None;
    }
}

impl Drop for BackfillProgress {
    fn drop(&mut self) {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).end();
    }
}
