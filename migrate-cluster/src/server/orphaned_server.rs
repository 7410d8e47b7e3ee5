use std::path::Path;
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::pid_file::{PidFile, release_lock_files};
use crate::system::poll::PollTimer;

/// How long a server may take for an immediate stop: PostgreSQL itself kills hanging processes after 5 s.
const LIMIT: Duration = Duration::from_secs(10);

/// Stops a server that has lost its guard and its owner, and removes the lock files of a dead one.
///
/// The caller holds the instance's lock. May block for seconds.
pub(crate) fn stop(data: &Path) -> Result<()> {
    if let Some(file) = PidFile::read(data)?
        && let Some(pid) = file.server(data)
        && !stops(pid, Signal::QUIT, &file, data)
        && !stops(pid, Signal::KILL, &file, data)
    {
        return Err(Error::new(ErrorKind::Instance, format!("process {} does not end", file.pid))
            .at(Place::file(data.display().to_string()))
            .help("it is a server of this directory without an owner: end it by hand"));
    }
    release_lock_files(data)
}

fn stops(pid: Pid, signal: Signal, file: &PidFile, data: &Path) -> bool {
    // A process that has ended, or that we may not end, is noticed in the loop.
    let _ = kill_process(pid, signal);
    let mut timer = PollTimer::new(LIMIT);
    while file.server(data).is_some() {
        if !timer.wait_blocking() {
            return false;
        }
    }
    true
}
