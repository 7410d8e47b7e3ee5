//! Runs the program, and speaks HTTP with it.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::zombie_processes,
    reason = "for tests, though not itself one"
)]

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// The program, without the caller's database.
pub(crate) fn program(directory: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_example-app"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PG") || name == "DATABASE_URL") {
        command.env_remove(name);
    }
    command.current_dir(directory);
    command
}

/// A directory that the user of root's servers can enter too.
pub(crate) fn directory() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).unwrap();
    directory
}

/// A running service; killed when a test fails, and its own server ends with it.
pub(crate) struct Service {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// What it printed up to the line that says where it listens.
    pub(crate) printed: Vec<String>,
    address: String,
}

impl Service {
    /// Starts it and waits until it serves.
    pub(crate) fn start(command: &mut Command) -> Service {
        let command = command.args(["--listen", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut printed = Vec::new();
        loop {
            let Some(line) = lines.next() else { panic!("it ended after {printed:#?}") };
            let line = line.unwrap();
            if let Some(address) = line.strip_prefix("listening on http://") {
                return Service { process, lines, printed, address: address.to_owned() };
            }
            printed.push(line);
        }
    }

    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        self.request("GET", path, "")
    }

    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, String) {
        self.request("POST", path, body)
    }

    /// One request on a connection of its own: the status and the body.
    pub(crate) fn request(&self, method: &str, path: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Sends a signal, waits for the end, and gives the exit code.
    pub(crate) fn stop(mut self, signal: Signal) -> Option<i32> {
        kill_process(Pid::from_child(&self.process), signal).unwrap();
        // Until the pipe ends, so that a program that prints is not stuck.
        while self.lines.next().is_some() {}
        self.process.wait().unwrap().code()
    }

    pub(crate) fn connection(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended, as it should.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The processes that name the directory among their arguments.
pub(crate) fn processes(directory: &Path) -> Vec<String> {
    let output = Command::new("ps").args(["-A", "-ww", "-o", "pid=,args="]).output().unwrap();
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    let name = directory.to_string_lossy().into_owned();
    table.lines().filter(|line| line.contains(&name)).map(str::to_owned).collect()
}

/// Waits until no process names the directory.
pub(crate) fn nothing_left(directory: &Path) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !processes(directory).is_empty() {
        assert!(Instant::now() < deadline, "{:#?}", processes(directory));
        std::thread::sleep(Duration::from_millis(5));
    }
}
