//! A deployment, a verification or an inspection in a process of its own.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use harness::{Args, Result, context};
use embed_migrate_core::facts::{DirectoryFiles, read};
use embed_migrate_runtime::{Driver, Scope, inspect};
use tokio_postgres::{Config, NoTls};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Work {
    /// Reads the facts and makes them true.
    Deploy,
    /// Reads the facts and checks that they hold.
    Verify,
    /// Reads the catalog.
    Inspect,
}

impl Work {
    pub(crate) const ALL: [Work; 3] = [Work::Deploy, Work::Verify, Work::Inspect];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Work::Deploy => "deploy",
            Work::Verify => "verify",
            Work::Inspect => "inspect",
        }
    }
}

/// How long a process took: by our clock, and by its own for each of its parts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct ProcessTimes {
    pub(crate) whole: Duration,
    pub(crate) parts: [Duration; 4],
}

/// The names of the parts.
pub(crate) const PARTS: [&str; 4] =
    ["reading the files", "connecting", "deploying or verifying", "committing"];

/// Starts a process for it, and waits for its end.
pub(crate) fn run(what: Work, directory: &Path, url: &str) -> Result<ProcessTimes> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--alone", what.word(), "--url", url, "--directory"]).arg(directory);
    let start = Instant::now();
    let output = command.output().map_err(context(what.word()))?;
    let whole = start.elapsed();
    if !output.status.success() {
        return Err(format!("{}: {}", what.word(), String::from_utf8_lossy(&output.stderr)).into());
    }
    let mut spent = ProcessTimes { whole, ..ProcessTimes::default() };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    for (part, word) in spent.parts.iter_mut().zip(said.split_whitespace()) {
        *part = Duration::from_nanos(word.parse().map_err(context(word))?);
    }
    Ok(spent)
}

/// The process: does it, and prints the nanoseconds of each part.
pub(crate) fn main(what: &str, args: &mut Args) -> Result<()> {
    let what = Work::ALL.into_iter().find(|known| known.word() == what).ok_or("no such thing")?;
    let url: String = args.value("url")?.ok_or("--url")?;
    let directory: String = args.value("directory")?.ok_or("--directory")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut clock = Clock { last: Instant::now(), parts: Vec::new() };
    runtime.block_on(work(what, &directory, &url, &mut clock))?;
    println!("{}", clock.parts.join(" "));
    Ok(())
}

async fn work(what: Work, directory: &str, url: &str, clock: &mut Clock) -> Result<()> {
    if what == Work::Inspect {
        clock.tick();
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        tokio::spawn(connection);
        clock.tick();
        inspect(&client, &Scope::default()).await?;
        clock.tick();
        return Ok(());
    }
    let facts = read(&DirectoryFiles::new(directory, ""), "deploy.yaml")?;
    clock.tick();
    let mut driver = Driver::connect(&url.parse::<Config>()?).await?;
    clock.tick();
    match what {
        Work::Deploy => drop(driver.deploy(facts).await?),
        Work::Verify | Work::Inspect => driver.verify(facts).await?,
    }
    clock.tick();
    driver.commit().await?;
    clock.tick();
    Ok(())
}

struct Clock {
    last: Instant,
    parts: Vec<String>,
}

impl Clock {
    fn tick(&mut self) {
        self.parts.push(self.last.elapsed().as_nanos().to_string());
        self.last = Instant::now();
    }
}
