use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use migrate_core::Result;
use rustix::process::{Pid, test_kill_process};

use crate::file::{open, refused};

/// What `postmaster.pid` says of a running server, or of one that died without removing it.
///
/// The lines are those of `LOCK_FILE_LINE_*` in PostgreSQL's `pidfile.h`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PidFile {
    pub(crate) pid: i32,
    pub(crate) port: u16,
    pub(crate) socket: PathBuf,
    /// Whether it listens on TCP as well.
    pub(crate) tcp: bool,
    /// Key and number of the shared memory segment that keeps a second server out.
    pub(crate) segment: Option<(i64, i64)>,
    /// Whether it accepts connections.
    pub(crate) ready: bool,
}

impl PidFile {
    /// Reads the file of a cluster; `None` where there is none, or one that is not written to its end yet.
    pub(crate) fn read(data: &Path) -> Result<Option<PidFile>> {
        let path = PidFile::path(data);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(PidFile::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(refused("read", &path)(error)),
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

    /// The process, if it is a server of this cluster: it works in the cluster's directory.
    pub(crate) fn server(&self, data: &Path) -> Option<Pid> {
        let pid = Pid::from_raw(self.pid)?;
        serves(self.pid, data).then_some(pid)
    }

    /// Makes a file that names some other living process harmless.
    ///
    /// PostgreSQL takes any living process of its user for the server and refuses to start, even a zombie. It
    /// must still find the segment's line, by which it looks for server processes that outlived the first.
    pub(crate) fn disown(&self, data: &Path) -> Result<()> {
        let alive = Pid::from_raw(self.pid).is_some_and(|pid| test_kill_process(pid).is_ok());
        if !alive {
            return Ok(());
        }
        let path = PidFile::path(data);
        let text = fs::read_to_string(&path).map_err(refused("read", &path))?;
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        // No system has that many processes.
        open(OpenOptions::new().write(true).truncate(true), &path)
            .and_then(|mut file| write!(file, "{}\n{rest}", i32::MAX))
            .map_err(refused("write", &path))
    }
}

#[cfg(target_os = "linux")]
fn serves(pid: i32, data: &Path) -> bool {
    fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|directory| directory == data)
}

#[cfg(not(target_os = "linux"))]
fn serves(pid: i32, data: &Path) -> bool {
    let pid = pid.to_string();
    let output = std::process::Command::new("/bin/ps").args(["-ww", "-o", "command=", "-p", &pid]).output();
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
