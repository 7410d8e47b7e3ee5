use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Runs of a program of tests, `src/bin/subject.rs`: in a directory of its own, so that no other run shares its server.
pub struct Subject {
    directory: TempDir,
}

/// A process of one that holds a database.
pub struct HeldProcess {
    pub process: Child,
    /// The server's number.
    pub server: u32,
    pub directory: PathBuf,
    pub url: String,
}

impl Subject {
    pub fn new(program: &str) -> Subject {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("subject");
        // A link would be followed by a program that asks for its own path. So it is not a link: a process that another test just
        // makes would have the file open for writing, and it could not be run.
        assert!(Command::new("cp").arg(program).arg(place).status().unwrap().success());
        Subject { directory }
    }

    /// Starts the program in a group of its own, as a shell does.
    pub fn start(&self, end: &str) -> Child {
        let mut command = Command::new(self.directory.path().join("subject"));
        command.arg(end).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        command.env("MIGRATE_TEST_CACHE", self.cache()).env("RUST_BACKTRACE", "0").spawn().unwrap()
    }

    /// Starts it, and waits until it has its database.
    pub fn hold(&self, end: &str) -> HeldProcess {
        let mut process = self.start(end);
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut next = || lines.next().expect("the program ended");
        HeldProcess { server: next().parse().unwrap(), directory: next().into(), url: next(), process }
    }

    fn cache(&self) -> PathBuf {
        self.directory.path().join("cache")
    }
}

impl HeldProcess {
    /// Lets its test end: what it printed on the error output.
    pub fn finish(mut self) -> String {
        drop(self.process.stdin.take());
        let output = self.process.wait_with_output().unwrap();
        String::from_utf8(output.stderr).unwrap()
    }
}

/// Whether a process is there and no zombie.
pub fn lives(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}

/// The guards that a process has started, each with the directory that it will remove.
pub fn guards_of(process: u32) -> Vec<(u32, PathBuf)> {
    let child = |other: &u32| {
        let stat = fs::read_to_string(format!("/proc/{other}/stat")).unwrap_or_default();
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        parent == Some(process)
    };
    let directory = |guard: u32| {
        let arguments = fs::read(format!("/proc/{guard}/cmdline")).unwrap_or_default();
        let arguments = String::from_utf8_lossy(&arguments).into_owned();
        let found = arguments.split('\0').find(|word| word.contains("/migrate-throwaway-"))?;
        Some((guard, PathBuf::from(found)))
    };
    processes().into_iter().filter(child).filter_map(directory).collect()
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name());
    entries.filter_map(|name| name.to_str()?.parse().ok()).collect()
}

/// The processes that work in a directory, or have it as an argument.
pub fn processes_of(directory: &Path) -> Vec<u32> {
    let is_ours = |process: u32| {
        let arguments = fs::read(format!("/proc/{process}/cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).contains(directory.to_str().unwrap())
    };
    processes().into_iter().filter(|process| is_ours(*process) && lives(*process)).collect()
}

/// Polls until it holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
