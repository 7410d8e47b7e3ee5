use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use embed_migrate_core::Result;
use rustix::process::{Pid, test_kill_process};

use crate::state::server_directory::SOCKETS;
use crate::system::file::{file_error, open, remove_file};

/// The content of `postmaster.pid`, of a running server or of one that died without removing it.
///
/// The lines are `LOCK_FILE_LINE_*` in PostgreSQL's `pidfile.h`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    pub(crate) port: u16,
    pub(crate) socket: PathBuf,
    /// Whether it listens on TCP as well.
    pub(crate) tcp: bool,
    /// Key and id of the shared memory segment, which prevents a second server.
    pub(crate) segment: Option<(i64, i64)>,
    /// Whether it accepts connections.
    pub(crate) ready: bool,
}

impl PidFile {
    /// Reads the file of a cluster; `None` if there is none, or if it is not completely written yet.
    pub(crate) fn read(data: &Path) -> Result<Option<PidFile>> {
        let path = PidFile::path(data);
        match fs::read(&path) {
            Ok(text) => Ok(PidFile::parse(&String::from_utf8_lossy(&text))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(file_error("read", &path)(error)),
        }
    }

    fn path(data: &Path) -> PathBuf {
        data.join("postmaster.pid")
    }

    fn parse(text: &str) -> Option<PidFile> {
        let mut lines = text.lines();
        let pid = lines.next()?.trim().parse().ok().filter(|pid| *pid > 0)?;
        let port = lines.nth(2)?.trim().parse().ok()?;
        let socket = PathBuf::from(lines.next()?);
        let tcp = !lines.next()?.is_empty();
        let segment = lines.next().and_then(|line| {
            let (key, number) = line.trim().split_once(' ')?;
            Some((key.parse().ok()?, number.trim().parse().ok()?))
        });
        let ready = lines.next().is_some_and(|line| line.trim() == "ready");
        Some(PidFile { pid, port, socket, tcp, segment, ready })
    }

    /// The process, if it is a server that works in this cluster's directory.
    pub(crate) fn server(&self, data: &Path) -> Option<Pid> {
        let pid = Pid::from_raw(self.pid)?;
        serves(self.pid, data).then_some(pid)
    }
}

/// Releases the lock files of a server that has ended: its `postmaster.pid`, and the locks of its sockets.
///
/// PostgreSQL refuses to start if the process id in a lock file belongs to any living process of its user, even a
/// zombie. In a container, process ids are the same after each start. A file without a number is refused too.
///
/// The caller holds the instance's lock.
pub(crate) fn release_lock_files(data: &Path) -> Result<()> {
    release_lock_file(&PidFile::path(data), data, |path, text| {
        // The line of the segment stays: PostgreSQL uses it to look for processes that outlived the server.
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        // No system has that many processes.
        open(OpenOptions::new().write(true).truncate(true), path)
            .and_then(|mut file| write!(file, "{}\n{rest}", i32::MAX))
            .map_err(file_error("write", path))
    })?;
    let sockets = data.with_file_name(SOCKETS);
    let entries = match fs::read_dir(&sockets) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(file_error("read", &sockets))?,
    };
    let is_lock = |name: &str| name.starts_with(".s.PGSQL.") && name.ends_with(".lock");
    for entry in entries {
        let entry = entry.map_err(file_error("read", &sockets))?;
        if is_lock(&entry.file_name().to_string_lossy()) {
            release_lock_file(&entry.path(), data, |path, _| remove_file(path))?;
        }
    }
    Ok(())
}

/// Releases a lock file, unless its process serves the cluster.
fn release_lock_file(path: &Path, data: &Path, away: impl FnOnce(&Path, &str) -> Result<()>) -> Result<()> {
    let text = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        bytes => String::from_utf8_lossy(&bytes.map_err(file_error("read", path))?).into_owned(),
    };
    // The number of a single-user server (`postgres --single`) has a minus sign.
    let number = text.lines().next().and_then(|line| line.trim().trim_start_matches('-').parse().ok());
    let Some(pid) = number.and_then(Pid::from_raw) else { return remove_file(path) };
    if test_kill_process(pid).is_err() || serves(pid.as_raw_nonzero().get(), data) {
        return Ok(());
    }
    away(path, &text)
}

/// Whether a process is a server in the cluster's directory, and not a shell in it.
#[cfg(target_os = "linux")]
fn serves(pid: i32, data: &Path) -> bool {
    let is_server = |name: String| matches!(name.trim_end(), "postgres" | "postmaster");
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|directory| directory == data)
        && fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(is_server)
}

#[cfg(not(target_os = "linux"))]
fn serves(pid: i32, data: &Path) -> bool {
    let pid = pid.to_string();
    let output =
        crate::system::environment::command("/bin/ps").args(["-ww", "-o", "command=", "-p", &pid]).output();
    let data = data.display().to_string();
    output.is_ok_and(|output| {
        let command = String::from_utf8_lossy(&output.stdout).into_owned();
        command.contains("postgres") && command.contains(&data)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file_is_read_and_a_half_one_is_not() {
        let text = "811\n/srv/data\n1795257097\n5432\n/srv/socket\n\n  5432001    196610\nready   \n";
        let expected = PidFile {
            pid: 811,
            port: 5432,
            socket: PathBuf::from("/srv/socket"),
            tcp: false,
            segment: Some((5_432_001, 196_610)),
            ready: true,
        };
        assert_eq!(PidFile::parse(text), Some(expected));
        assert_eq!(PidFile::parse("811\n/srv/data\n1795257097\n"), None);
        assert_eq!(PidFile::parse("-1\n/srv/data\n1795257097\n5432\n/srv/socket\n\n"), None);
    }
}
