//! What the tests of servers share.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "for tests, though not itself one")]

mod port;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use embed_migrate_cluster::{ErrorKind, Installation, Throwaway};
use rustix::process::{Pid, Signal, kill_process};

#[allow(unused_imports, reason = "each test uses a part of it")]
pub(crate) use port::port;

pub(crate) fn installation() -> Installation {
    Installation::find(&|name| std::env::var(name).ok()).unwrap()
}

/// Polls until it holds.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Whether a process is there and no zombie.
pub(crate) fn lives(process: u32) -> bool {
    let stat = Command::new("ps").args(["-o", "stat=", "-p", &process.to_string()]).output().unwrap();
    let state = String::from_utf8(stat.stdout).unwrap();
    !state.trim().is_empty() && !state.starts_with('Z')
}

pub(crate) fn kill(process: u32) {
    kill_process(Pid::from_raw(process as i32).unwrap(), Signal::KILL).unwrap();
}

/// The children of a process.
pub(crate) fn children(process: u32) -> Vec<u32> {
    let output = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().unwrap();
    let table = String::from_utf8(output.stdout).unwrap();
    let rows = table.lines().map(|line| {
        let mut numbers = line.split_whitespace().map(|number| number.parse::<u32>().unwrap());
        (numbers.next().unwrap(), numbers.next().unwrap())
    });
    rows.filter(|(_, parent)| *parent == process).map(|(child, _)| child).collect()
}

/// What the clusters of tests that run at the same time take, in bytes. A container often has 64 MB in memory.
const ROOM: u64 = 1024 * 1024 * 1024;

/// A directory that is removed when the test ends. It is not made.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Scratch {
        // In memory if that can be: initdb waits for the disk for seconds on a busy machine.
        let memory = PathBuf::from("/dev/shm");
        let fits = rustix::fs::statvfs(&memory)
            .is_ok_and(|file_system| file_system.f_bavail.saturating_mul(file_system.f_frsize) >= ROOM);
        let parent = if fits { memory } else { std::env::temp_dir() };
        Scratch(parent.join(format!("migrate-test-{name}-{}", std::process::id())))
    }
}

impl std::ops::Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What a test that failed left running.
        for instance in std::fs::read_dir(self.join("instances")).into_iter().flatten().flatten() {
            let file =
                std::fs::read_to_string(instance.path().join("data/postmaster.pid")).unwrap_or_default();
            let process = file.lines().next().and_then(|line| line.parse().ok()).and_then(Pid::from_raw);
            if let Some(process) = process.filter(|_| std::thread::panicking()) {
                let _ = kill_process(process, Signal::QUIT);
            }
        }
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that runs a server, see `examples/hold.rs`.
pub(crate) struct Holder {
    pub(crate) process: Child,
    pub(crate) server: u32,
    pub(crate) ours: bool,
    pub(crate) directory: PathBuf,
    pub(crate) url: String,
}

/// Starts the process, and does not wait for its server.
pub(crate) fn spawn(directory: Option<&Path>) -> Child {
    let deps = std::env::current_exe().unwrap();
    let program = deps.parent().unwrap().with_file_name("examples").join("hold");
    let mut command = Command::new(program);
    command.args(directory).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

impl Holder {
    /// Waits until the process has its server.
    pub(crate) fn of(mut process: Child) -> Holder {
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut next = || lines.next().expect("the process ended");
        let server = next().parse().unwrap();
        let ours = next().parse().unwrap();
        Holder { server, ours, directory: next().into(), url: next(), process }
    }

    /// SIGKILL: the process can do nothing about it.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// SIGKILL to the process and to the guard: nobody is left to end the server.
    pub(crate) fn kill_with_guard(&mut self) {
        let guards: Vec<u32> =
            children(self.process.id()).into_iter().filter(|guard| lives(*guard)).collect();
        let [guard] = guards.as_slice() else { unreachable!("one guard, not {guards:?}") };
        // The guard's own children are the server, and the shell that watches the pipe.
        for child in children(*guard).into_iter().filter(|child| *child != self.server) {
            kill(child);
        }
        kill(*guard);
        self.kill();
    }

    /// Lets the process stop its server and end.
    pub(crate) fn finish(&mut self) {
        drop(self.process.stdin.take());
        assert!(self.process.wait().unwrap().success());
    }
}

/// Runs one query and returns its one value as text.
pub(crate) async fn ask(config: &tokio_postgres::Config, query: &str) -> String {
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let row = client.query_one(query, &[]).await.unwrap();
    let value = row.get(0);
    drop(client);
    connection.await.unwrap().unwrap();
    value
}

/// The directory that a guard is told to remove.
pub(crate) fn directory_of(guard: u32) -> PathBuf {
    let output = Command::new("ps").args(["-ww", "-o", "args=", "-p", &guard.to_string()]).output().unwrap();
    let arguments = String::from_utf8(output.stdout).unwrap();
    arguments.split_whitespace().find(|word| word.contains("/migrate-throwaway-")).unwrap().into()
}

/// Something that outlives the runtimes of the tests of one binary, which all share it.
pub(crate) fn kept<T: Send + 'static>(start: impl Future<Output = T> + Send + 'static) -> T {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        send.send(runtime.block_on(start)).ok().unwrap();
        runtime.block_on(std::future::pending::<()>());
    });
    receive.recv().unwrap()
}

/// The server that all tests of one binary share; gone with the process.
pub(crate) fn server() -> &'static Throwaway {
    static SERVER: OnceLock<Throwaway> = OnceLock::new();
    SERVER.get_or_init(|| kept(async { Throwaway::start(&installation()).await.unwrap() }))
}

/// Checks what sort of error it is, and its clause.
pub(crate) fn refused<T: std::fmt::Debug>(
    result: Result<T, embed_migrate_cluster::Error>,
    kind: ErrorKind,
    message: &str,
) -> embed_migrate_cluster::Error {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.message()), (kind, message), "{error}");
    error
}

/// A process of an example that goes on until it is killed.
pub(crate) struct ExampleProcess(Child);

impl ExampleProcess {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Waits for a line of its output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the process ended");
        line
    }

    /// SIGKILL: the process can do nothing about it.
    pub(crate) fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

pub(crate) fn example(name: &str) -> Command {
    let deps = std::env::current_exe().unwrap();
    Command::new(deps.parent().unwrap().with_file_name("examples").join(name))
}

/// Starts an example, and does not wait for it.
pub(crate) fn start(name: &str, arguments: &[&str]) -> ExampleProcess {
    let mut command = example(name);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    ExampleProcess(command.spawn().unwrap())
}

/// Runs an example to its end, and gives what it said if it failed.
pub(crate) async fn run(name: &str, arguments: &[&str]) -> Result<(), String> {
    let mut command = example(name);
    command.args(arguments).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8(output.stderr).unwrap()),
    }
}

/// The parent of a process.
pub(crate) fn parent(process: u32) -> Option<u32> {
    let output = Command::new("ps").args(["-o", "ppid=", "-p", &process.to_string()]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().ok()
}
