//! Runs the program in a directory of its own.
#![allow(dead_code, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, reason = "for tests, though not itself one")]

#[path = "../../../migrate-cluster/tests/support/port.rs"]
mod port;

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use embed_migrate_cluster::{Installation, Instances};
use tempfile::TempDir;

#[allow(unused_imports, reason = "each test uses a part of it")]
pub(crate) use port::port;

/// An empty directory in which the program runs.
pub(crate) struct Place {
    directory: TempDir,
    variables: Vec<(String, OsString)>,
}

/// What a run of the program printed, and its exit code.
#[derive(Debug)]
pub(crate) struct ProgramOutput {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place { directory: TempDir::new().unwrap(), variables: Vec::new() }
    }

    /// The same with a database for `status` and `up`.
    pub(crate) fn with(mut self, variable: &str, value: impl Into<OsString>) -> Place {
        self.variables.push((variable.to_owned(), value.into()));
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The files in a directory, dotfiles too.
    pub(crate) fn files(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(directory)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub(crate) fn run(&self, arguments: &str) -> ProgramOutput {
        self.run_words(&arguments.split(' ').collect::<Vec<_>>())
    }

    pub(crate) fn run_words(&self, words: &[&str]) -> ProgramOutput {
        ProgramOutput::of(&mut self.command(words))
    }

    /// The same in a directory below.
    pub(crate) fn run_in(&self, directory: &str, words: &[&str]) -> ProgramOutput {
        ProgramOutput::of(self.command(words).current_dir(self.path(directory)))
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-migrate"));
        // Neither the caller's database nor the password file in its home.
        command.env_clear().env("HOME", self.directory.path()).env("USER", "nobody-in-particular");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.current_dir(self.directory.path()).args(words);
        command
    }
}

impl ProgramOutput {
    fn of(command: &mut Command) -> ProgramOutput {
        let output = command.output().unwrap();
        ProgramOutput {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Refuses a run that did not end well.
    pub(crate) fn ok(self) -> ProgramOutput {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// Checks a refusal: exit code 1 and the whole message.
    pub(crate) fn refused(self, message: &str) {
        assert_eq!((self.code, self.stdout.as_str()), (1, ""), "{self:#?}");
        assert_eq!(self.stderr.trim_end(), message.trim());
    }
}

/// A place with a state directory, whose instances are gone when it is dropped.
pub(crate) struct Home {
    pub(crate) place: Place,
}

impl Home {
    pub(crate) fn new() -> Home {
        let place = Place::new();
        // As root, the server's user must be able to go in.
        std::fs::set_permissions(place.path("."), std::fs::Permissions::from_mode(0o755)).unwrap();
        let state = place.path("state");
        let path = std::env::var_os("PATH").unwrap();
        Home { place: place.with("MIGRATE_STATE_DIR", state).with("PATH", path) }
    }

    pub(crate) fn run(&self, arguments: &str) -> ProgramOutput {
        self.place.run(arguments)
    }

    pub(crate) fn run_words(&self, words: &[&str]) -> ProgramOutput {
        self.place.run_words(words)
    }

    pub(crate) fn json(&self, arguments: &str) -> serde_json::Value {
        serde_json::from_str(&self.run(&format!("{arguments} --format json")).ok().stdout).unwrap()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let installation = Installation::find(&|name| std::env::var(name).ok()).unwrap();
        let instances = Instances::open(&installation, &self.place.path("state")).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for named in instances.list().unwrap_or_default() {
            let _ = runtime.block_on(named.delete());
        }
    }
}
