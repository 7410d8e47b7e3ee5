use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use migrate_core::{Error, ErrorKind, Result};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use super::hold_pipe;
use super::log::MOST;
use crate::system::account::Account;
use crate::system::poll::PollTimer;

/// Runs a program as its parent, once it is told to, and reads our pipe. A word on the pipe is a signal for the
/// program; the pipe's end, which the kernel makes when we are dead in whatever way, ends the program and removes
/// a directory.
///
/// The pipe of a shared server is a named one: it ends when the last process that holds it is gone. There `+` and
/// `-` are the begin and the end of a test. Where all that began have ended, the end of the pipe may be the gap
/// between two programs of one run, and the server waits for the next while the run's own process lives, at most
/// 3 s. After the word `kept`, it waits 10 minutes, or until somebody removes the file of that name.
///
/// As the parent it can't signal a stranger that got the program's number. It repeats the last signal, since
/// a shell starts its children with SIGINT and SIGQUIT ignored, until they set their own handlers. Its error
/// output is the instance's lock, which it thereby holds. The word `stay` makes it let the program be when we are
/// gone; it stays the parent, which holds the lock until the program ends. PDEATHSIG is no alternative: it fires when the
/// *thread* that started the program ends, as those of `cargo test` do, and leaves the directory.
const SCRIPT: &str = include_str!("guard.sh");

/// How long dropping a guard may block until the program has ended.
const DROP: Duration = Duration::from_secs(1);

/// A signal, by what it means to PostgreSQL's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Disconnect everybody, write a checkpoint, stop.
    Fast,
    /// Stop at once, as in a crash; the next start recovers.
    Immediate,
    /// Interrupt a program that is not a server.
    Terminate,
    /// The kernel's end of a process.
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

/// What a guard needs besides the program.
pub(crate) struct GuardOptions<'a> {
    pub(crate) account: &'a Account,
    pub(crate) lock: &'a File,
    pub(crate) log: &'a Path,
    /// The signal for when we are gone.
    pub(crate) end: Signal,
    /// The directory to remove when we are gone.
    pub(crate) remove: Option<&'a Path>,
    /// The directory to remove when the guard ends, in whatever way.
    pub(crate) scratch: Option<&'a Path>,
    /// The named pipe of a shared server.
    pub(crate) hold_pipe: Option<&'a Path>,
}

/// A program of PostgreSQL that ends when we do.
#[derive(Debug)]
pub(crate) struct Guard {
    /// Taken when the guard is let go of.
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
        // A server that is kept, which alone ends so, may write for years.
        shell.arg(if options.end == Signal::Fast { MOST.to_string() } else { String::new() });
        shell.arg(command.get_program()).args(command.get_args());
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        // Out of reach of a signal to our group, such as the terminal's or a test runner's.
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

    /// Lets the program run.
    pub(crate) fn go(&mut self) {
        self.say("go");
    }

    /// Lets go of the program, which ends with the last process that holds its named pipe: our hold on it.
    pub(crate) fn share(mut self) -> Option<File> {
        self.shell.take().map(|(_, input)| input)
    }

    /// The exit status of the program as a shell has it, 128 and the signal's number for one that was
    /// killed; `None` while it runs.
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

    /// Sends the program a signal, if it runs still.
    pub(crate) fn signal(&mut self, signal: Signal) {
        if self.status().is_none() {
            self.say(signal.name());
        }
    }

    /// Waits until the program has ended; `None` if it has not before the deadline.
    pub(crate) async fn ended(&mut self, limit: Duration) -> Option<i32> {
        let mut timer = PollTimer::new(limit);
        loop {
            match self.status() {
                None if timer.wait().await => {}
                status => return status,
            }
        }
    }

    /// The same for a thread that may block.
    pub(crate) fn ended_blocking(&mut self, limit: Duration) -> Option<i32> {
        let mut timer = PollTimer::frequent(limit);
        while self.status().is_none() && timer.wait_blocking() {}
        self.status
    }

    /// Lets go of a program that has ended, and keeps the directory.
    pub(crate) fn release(mut self) {
        self.keep();
    }

    /// Has it keep the directory, whatever comes.
    pub(crate) fn keep(&mut self) {
        self.say("keep");
    }

    /// Lets go of a program that is to run on when we are gone.
    pub(crate) fn stay(mut self) {
        self.say("stay");
        if let Some((mut child, _)) = self.shell.take() {
            // So that no zombie stays if it ends before us; without a thread one does.
            let _ = std::thread::Builder::new().spawn(move || child.wait());
        }
    }

    /// Lets go of a program, and waits until all is over: it ended, the directory removed, the lock free.
    pub(crate) async fn finish(mut self, limit: Duration) {
        let Some((mut child, input)) = self.shell.take() else { return };
        drop(input);
        let mut timer = PollTimer::new(limit);
        while matches!(child.try_wait(), Ok(None)) && timer.wait().await {}
    }

    /// The same for a thread that may block.
    pub(crate) fn finish_blocking(mut self, limit: Duration) {
        let Some((mut child, input)) = self.shell.take() else { return };
        drop(input);
        let mut timer = PollTimer::frequent(limit);
        while matches!(child.try_wait(), Ok(None)) && timer.wait_blocking() {}
    }

    fn say(&mut self, word: &str) {
        if let Some((_, input)) = &mut self.shell {
            // A guard that is gone can't be told anything, and nothing is left for it to do.
            let _ = writeln!(input, "{word}");
        }
    }
}

/// Ends the program at once, and waits for that (milliseconds, at most 1 s), so that whoever starts the same
/// instance next does not meet the old server. The directory goes a little later.
impl Drop for Guard {
    fn drop(&mut self) {
        self.signal(Signal::Immediate);
        let Some((mut child, input)) = self.shell.take() else { return };
        drop(input);
        let mut timer = PollTimer::new(DROP);
        while self.status().is_none() && timer.wait_blocking() {}
        // Only so that no zombie stays; without a thread it stays until we end.
        let _ = std::thread::Builder::new().spawn(move || child.wait());
    }
}

fn number(printed: &[u8]) -> i32 {
    std::str::from_utf8(printed).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(-1)
}
