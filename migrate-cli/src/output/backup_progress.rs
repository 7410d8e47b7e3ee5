use embed_migrate_cluster::{Backup, BackupProgress};
use embed_migrate_core::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Waits until a backup ends, with a progress bar on a terminal.
pub(crate) async fn follow(backup: &Backup) -> Result<Backup> {
    // Hidden if stderr is no terminal.
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{msg} {bar:30} {bytes} of {total_bytes}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    let ended = backup
        .wait_for(|BackupProgress { status, phase, done, total, .. }| {
            bar.set_message(phase.clone().unwrap_or_else(|| status.to_string()));
            if let Some(total) = total {
                bar.set_length(*total);
            }
            bar.set_position(*done);
        })
        .await;
    bar.finish_and_clear();
    ended
}
