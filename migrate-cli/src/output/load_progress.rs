use std::sync::Mutex;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress bar for a long load, on a terminal only.
#[derive(Default)]
pub(crate) struct LoadProgress(Mutex<Option<(String, ProgressBar)>>);

/// A load of fewer rows is over before anybody could read the bar.
const LONG: usize = 10_000;

impl LoadProgress {
    pub(crate) fn show(&self, table: &str, done: usize, total: usize) {
        let Ok(mut shown) = self.0.lock() else { return };
        if total < LONG {
            return;
        }
        if shown.as_ref().is_none_or(|(of, _)| of != table) {
            *shown = Some((table.to_owned(), bar(table, total)));
        }
        if let Some((_, bar)) = shown.as_ref() {
            bar.set_position(done as u64);
            if done >= total {
                bar.finish_and_clear();
                *shown = None;
            }
        }
    }
}

fn bar(table: &str, total: usize) -> ProgressBar {
    // Hidden if stderr is no terminal.
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg} {bar:30} {human_pos} of {human_len} rows, {eta} left");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_message(table.to_owned());
    bar
}
