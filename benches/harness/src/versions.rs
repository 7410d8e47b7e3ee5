//! What was measured: versions of everything, and the day.

use std::fs;
use std::process::Command;

use crate::{Result, cargo, context};

/// The versions in the benchmarks' lock file, and of rustc.
pub struct Versions {
    lock: String,
}

impl Versions {
    /// Reads the lock file.
    ///
    /// # Errors
    ///
    /// There is none.
    pub fn read() -> Result<Versions> {
        let lock =
            fs::read_to_string(cargo::workspace().join("Cargo.lock")).map_err(context("Cargo.lock"))?;
        Ok(Versions { lock })
    }

    /// `name 1.2.3`, or the name alone if the lock file has no such crate.
    pub fn of(&self, name: &str) -> String {
        let (_, entry) =
            self.lock.split_once(&format!("name = \"{name}\"\nversion = \"")).unwrap_or_default();
        let version = entry.split('"').next().unwrap_or_default();
        format!("{name} {version}").trim_end().to_owned()
    }

    /// `rustc 1.2.3`
    ///
    /// # Errors
    ///
    /// There is no rustc.
    pub fn rustc() -> Result<String> {
        let words = output("rustc", &["--version"])?;
        Ok(words.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
    }

    /// Today, `YYYY-MM-DD` in UTC.
    ///
    /// # Errors
    ///
    /// There is no `date`.
    pub fn today() -> Result<String> {
        output("date", &["-u", "+%F"])
    }

    /// How many processors share the work.
    pub fn processors() -> usize {
        std::thread::available_parallelism().map_or(1, usize::from)
    }
}

fn output(program: &str, args: &[&str]) -> Result<String> {
    let output = Command::new(program).args(args).output().map_err(context(program))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
