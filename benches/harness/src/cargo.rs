//! Cargo, run from within a benchmark.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Result, context};

/// How to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Profile {
    /// `cargo build`
    Dev,
    /// `cargo build --release`
    Release,
}

/// What one build did.
pub struct Cargo {
    /// From before cargo started to after it ended.
    pub time: Duration,
    /// Whether rustc ran for the package itself.
    pub rebuilt: bool,
    /// Where the binary lies.
    pub binary: PathBuf,
}

impl Cargo {
    /// Builds one package alone, so that no other member's features mix in.
    ///
    /// # Errors
    ///
    /// The build's own, with all that it printed.
    pub fn build(package: &str, profile: Profile) -> Result<Cargo> {
        Cargo::run("build", package, profile, &[], "bin")
    }

    /// Builds the integration test of a package's own name, optimised, and does not run it.
    ///
    /// # Errors
    ///
    /// The build's own, with all that it printed.
    pub fn tests(package: &str) -> Result<Cargo> {
        Cargo::run("test", package, Profile::Release, &["--no-run", "--tests"], "test")
    }

    /// A release build that keeps its symbols; the dependencies are those of [`Cargo::build`].
    ///
    /// # Errors
    ///
    /// The build's own, with all that it printed.
    pub fn build_unstripped(package: &str) -> Result<Cargo> {
        Cargo::run("rustc", package, Profile::Release, &["--", "-C", "strip=none"], "bin")
    }

    fn run(subcommand: &str, package: &str, profile: Profile, rest: &[&str], kind: &str) -> Result<Cargo> {
        let mut command = cargo();
        command.args([subcommand, "--locked", "--offline", "--message-format=json", "--package", package]);
        if profile == Profile::Release {
            command.arg("--release");
        }
        command.args(rest);
        let start = Instant::now();
        let output = command.stdin(Stdio::null()).output().map_err(context("cargo build"))?;
        let time = start.elapsed();
        if !output.status.success() {
            return Err(format!(
                "cargo {subcommand} -p {package}: {}",
                String::from_utf8_lossy(&output.stderr)
            )
            .into());
        }
        let stdout = String::from_utf8_lossy(&output.stdout);
        let artifact = stdout.lines().find_map(|line| Artifact::of(package, kind, line));
        let Some(artifact) = artifact else {
            return Err(format!("cargo {subcommand} -p {package}: named no executable").into());
        };
        Ok(Cargo { time, rebuilt: !artifact.fresh, binary: artifact.executable })
    }

    /// Fetches what the lock file names, so that builds can be offline.
    ///
    /// # Errors
    ///
    /// Cargo's own.
    pub fn fetch() -> Result<()> {
        run(cargo().args(["fetch", "--locked", "--quiet"]))
    }

    /// Removes what was built of one package; its dependencies stay.
    ///
    /// # Errors
    ///
    /// Cargo's own.
    pub fn clean(package: &str, profile: Profile) -> Result<()> {
        let mut command = cargo();
        command.args(["clean", "--locked", "--offline", "--quiet", "--package", package]);
        if profile == Profile::Release {
            command.arg("--release");
        }
        run(&mut command)
    }
}

/// The line of cargo's JSON that tells of a binary.
struct Artifact {
    fresh: bool,
    executable: PathBuf,
}

impl Artifact {
    fn of(package: &str, kind: &str, line: &str) -> Option<Artifact> {
        // Cargo's own output has no white space, and these paths nothing to escape.
        let ours = line.contains(r#""reason":"compiler-artifact""#)
            && line.contains(&format!(r#""name":"{package}""#))
            && line.contains(&format!(r#""kind":["{kind}"]"#));
        let (_, executable) = line.split_once(r#""executable":""#)?;
        let (executable, _) = executable.split_once('"')?;
        ours.then(|| Artifact { fresh: line.contains(r#""fresh":true"#), executable: executable.into() })
    }
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().map_err(context("cargo"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?}: {status}").into()) }
}

/// The cargo that runs us, without what it set for us: build scripts would see it change and run again.
fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text == "LD_LIBRARY_PATH"
        {
            command.env_remove(&name);
        }
    }
    command
}

/// The directory of the benchmarks' workspace.
pub(crate) fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_of_the_package_is_found() {
        let line = r#"{"reason":"compiler-artifact","target":{"kind":["bin"],"name":"bare"},"executable":"/t/bare","fresh":false}"#;
        let artifact = Artifact::of("bare", "bin", line).unwrap();
        assert!(!artifact.fresh);
        assert_eq!(artifact.executable, Path::new("/t/bare"));
        assert!(Artifact::of("floor", "bin", line).is_none());
    }
}
