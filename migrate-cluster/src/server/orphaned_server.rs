use std::path::Path;
use std::time::Duration;

use migrate_core::{Error, ErrorKind, Place, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::pid_file::{PidFile, release_lock_files};
use crate::system::poll::PollTimer;

/// How long a server may take to end at once: PostgreSQL itself kills what hangs after 5 s.
const LIMIT: Duration = Duration::from_secs(10);

/// Ends a server that lost its guard and its owner, and makes what is left of a dead one harmless.
///
/// Only for whoever holds the instance's lock. May block for seconds.
pub(crate) fn stop(data: &Path) -> Result<()> {
    if let Some(file) = PidFile::read(data)?
        && let Some(pid) = file.server(data)
        && !stops(pid, Signal::QUIT, &file, data)
        && !stops(pid, Signal::KILL, &file, data)
    {
        return Err(Error::new(ErrorKind::Instance, format!("process {} does not end", file.pid))
            .at(Place::file(data.display().to_string()))
            .help("it serves this directory, and nobody owns it: end it by hand"));
    }
    release_lock_files(data)
}

fn stops(pid: Pid, signal: Signal, file: &PidFile, data: &Path) -> bool {
    // One that is gone by now, or not ours to end, shows in the loop.
    let _ = kill_process(pid, signal);
    let mut timer = PollTimer::new(LIMIT);
    while file.server(data).is_some() {
        if !timer.wait_blocking() {
            return false;
        }
    }
    true
}
