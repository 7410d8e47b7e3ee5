use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Result};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use super::hold_pipe;
use super::log::MOST;
use crate::system::account::Account;
use crate::system::poll::PollTimer;

/// The shell that runs a program: it starts it after the word `go`, and reads our pipe. Other words on the pipe are
/// signals for the program. When this process ends, for whatever reason, the kernel closes the pipe; then the shell
/// ends the program and removes a directory.
///
/// A shared server has a named pipe, which is closed when the last process that holds it ends. On it, `+` and `-` are
/// the begin and the end of a test. If all tests have ended, the closed pipe may be a gap between two test programs
/// of one run. So the server waits for the next program while the process of the run lives, at most 3 s. After the
/// word `kept`, it waits 10 minutes, or until somebody removes the file of that name.
///
/// As the parent process it can't signal another process with a reused process id. It repeats the last signal until the
/// program has set its own handlers, since a shell starts its children with SIGINT and SIGQUIT ignored. Its error
/// output is the instance's lock, so that it holds the lock. After the word `stay`, it lets the program run on, and
/// holds the lock until the program ends. PDEATHSIG is no alternative: it fires when the *thread* that started the
/// program ends, as those of `cargo test` do, and it removes no directory.
const SCRIPT: &str = include_str!("guard.sh");

/// How long dropping a guard may block until the program has ended.
const DROP: Duration = Duration::from_secs(1);

/// A signal, by its meaning to PostgreSQL's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// End all sessions, write a checkpoint, stop.
    Fast,
    /// Stop at once, as in a crash; the next start recovers.
    Immediate,
    /// End a program that is not a server.
    Terminate,
    /// Kill the process.
    Kill,
}

impl Signal {
    fn name(self) -> &'static str {
        match self {
            Signal::Fast => "INT",
            Signal::Immediate => "QUIT",
            Signal::Terminate => "TERM",
            Signal::Kill => "KILL",
        }
    }
}

/// What a guard needs besides the command.
pub(crate) struct GuardOptions<'a> {
    pub(crate) account: &'a Account,
    pub(crate) lock: &'a File,
    pub(crate) log: &'a Path,
    /// The signal to send when this process has ended.
    pub(crate) end: Signal,
    /// The directory to remove when this process has ended.
    pub(crate) remove: Option<&'a Path>,
    /// The directory to remove when the guard ends, for whatever reason.
    pub(crate) scratch: Option<&'a Path>,
    /// The named pipe of a shared server.
    pub(crate) hold_pipe: Option<&'a Path>,
}

/// A program of PostgreSQL that ends with this process.
#[derive(Debug)]
pub(crate) struct Guard {
    /// `None` once the guard was released.
    shell: Option<(Child, File)>,
    output: ChildStdout,
    printed: Vec<u8>,
    status: Option<i32>,
}

impl Guard {
    /// Starts a guard; the command waits for [`Guard::go`].
    pub(crate) fn start(options: &GuardOptions<'_>, command: &Command) -> Result<Guard> {
        let mut shell = options.account.command("/bin/sh");
        shell.args(["-c", SCRIPT, "guard", options.end.name()]);
        let none = Path::new("");
        shell.arg(options.remove.unwrap_or(none)).arg(options.scratch.unwrap_or(none)).arg(options.log);
        shell.arg(if options.hold_pipe.is_some() { "shared" } else { "" });
        // Only a kept server ends with this signal. It may write for years.
        shell.arg(if options.end == Signal::Fast { MOST.to_string() } else { String::new() });
        shell.arg(command.get_program()).args(command.get_args());
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        // A signal to our process group, such as one from the terminal or a test runner, must not reach it.
        shell.process_group(0).stdout(Stdio::piped());
        Guard::spawn(shell, options).map_err(|error| {
            Error::new(ErrorKind::Instance, "the shell that guards the server did not start").caused_by(error)
        })
    }

    fn spawn(mut shell: Command, options: &GuardOptions<'_>) -> io::Result<Guard> {
        let (reader, input) = match options.hold_pipe {
            Some(hold_pipe) => hold_pipe::make(hold_pipe, options.account)?,
            None => io::pipe().map(|(reader, writer)| (OwnedFd::from(reader), OwnedFd::from(writer)))?,
        };
        let mut child = shell.stdin(reader).stderr(options.lock.try_clone()?).spawn()?;
        let Some(output) = child.stdout.take() else { return Err(io::ErrorKind::BrokenPipe.into()) };
        let input = File::from(input);
        fcntl_setfl(&output, fcntl_getfl(&output)? | OFlags::NONBLOCK)?;
        Ok(Guard { shell: Some((child, input)), output, printed: Vec::new(), status: None })
    }

    /// Starts the program.
    pub(crate) fn go(&mut self) {
        self.say("go");
    }

    /// Releases the program. It ends with the last process that holds its named pipe. Returns our end of the pipe.
    pub(crate) fn share(mut self) -> Option<File> {
        self.shell.take().map(|(_, input)| input)
    }

    /// The exit status of the program as in a shell: 128 and the signal's number if it was killed; `None` while it
    /// runs.
    pub(crate) fn status(&mut self) -> Option<i32> {
        let mut buffer = [0; 64];
        while self.status.is_none() {
            match self.output.read(&mut buffer) {
                Ok(0) => self.status = Some(number(&self.printed)),
                Ok(read) => self.printed.extend(buffer.iter().take(read)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => break,
            }
        }
        self.status
    }

    /// Sends a signal to the program if it still runs.
    pub(crate) fn signal(&mut self, signal: Signal) {
        if self.status().is_none() {
            self.say(signal.name());
        }
    }

    /// Waits until the program has ended; `None` if it runs past the limit.
    pub(crate) async fn ended(&mut self, limit: Duration) -> Option<i32> {
        let mut timer = PollTimer::new(limit);
        loop {
            match self.status() {
                None if timer.wait().await => {}
                status => return status,
            }
        }
    }

    /// The same in a thread that may block.
    pub(crate) fn ended_blocking(&mut self, limit: Duration) -> Option<i32> {
        let mut timer = PollTimer::frequent(limit);
        while self.status().is_none() && timer.wait_blocking() {}
        self.status
    }

    /// Releases a program that has ended, and keeps the directory.
    pub(crate) fn release(mut self) {
        self.keep();
    }

    /// Keeps the directory in any case.
    pub(crate) fn keep(&mut self) {
        self.say("keep");
    }

    /// Releases a program that will run on when this process has ended.
    pub(crate) fn stay(mut self) {
        self.say("stay");
        if let Some((mut child, _)) = self.shell.take() {
            // Collects the exit status, so that no zombie remains. If there is no thread, one does.
            let _ = std::thread::Builder::new().spawn(move || child.wait());
        }
    }

    /// Releases a program, and waits until it has ended, its directory is removed and its lock is free.
    pub(crate) async fn finish(mut self, limit: Duration) {
        let Some((mut child, input)) = self.shell.take() else { return };
        drop(input);
        let mut timer = PollTimer::new(limit);
        while matches!(child.try_wait(), Ok(None)) && timer.wait().await {}
    }

    /// The same in a thread that may block.
    pub(crate) fn finish_blocking(mut self, limit: Duration) {
        let Some((mut child, input)) = self.shell.take() else { return };
        drop(input);
        let mut timer = PollTimer::frequent(limit);
        while matches!(child.try_wait(), Ok(None)) && timer.wait_blocking() {}
    }

    fn say(&mut self, word: &str) {
        if let Some((_, input)) = &mut self.shell {
            // If the guard has ended, there is nothing left for it to do.
            let _ = writeln!(input, "{word}");
        }
    }
}

/// Ends the program at once, and waits for its end (milliseconds, at most 1 s), so that the next start of the same
/// instance does not find the old server. The directory is removed a little later.
impl Drop for Guard {
    fn drop(&mut self) {
        self.signal(Signal::Immediate);
        let Some((mut child, input)) = self.shell.take() else { return };
        drop(input);
        let mut timer = PollTimer::new(DROP);
        while self.status().is_none() && timer.wait_blocking() {}
        // Collects the exit status, so that no zombie remains. If there is no thread, one remains until this process
        // ends.
        let _ = std::thread::Builder::new().spawn(move || child.wait());
    }
}

fn number(printed: &[u8]) -> i32 {
    std::str::from_utf8(printed).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(-1)
}
