use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use embed_migrate_core::catalog::{self, Catalog, PlanOptions};
use embed_migrate_runtime::{Scope, inspect};
use harness::{Args, Result, context};
use tokio_postgres::NoTls;

/// Who plans.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contender {
    /// This project.
    Ours,
    /// Alembic's autogenerate.
    Alembic,
    /// migra.
    Migra,
}

/// What one run of a process took.
#[derive(Clone, Copy)]
pub(crate) struct DiffTimes {
    /// From before the first query to the text of the plan.
    pub(crate) seconds: f64,
    /// The peak of its memory.
    pub(crate) megabytes: f64,
    /// How many operations, roughly: each counts its own.
    pub(crate) operations: f64,
}

impl Contender {
    /// Its name, and that of its option.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Contender::Ours => "ours",
            Contender::Alembic => "alembic",
            Contender::Migra => "migra",
        }
    }

    /// Plans in a process of its own, which is ended when it has worked for so many seconds; none then.
    ///
    /// # Errors
    ///
    /// The process fails.
    pub(crate) fn run(
        self,
        program: &Path,
        [from, to]: &[String; 2],
        most: Option<f64>,
    ) -> Result<Option<DiffTimes>> {
        let mut command = Command::new(program);
        match self {
            Contender::Ours => command.args(["--alone", "--from", from, "--to", to]),
            peer => command
                .args([PEER, peer.name()])
                .args([from, to].map(|url| url.replacen("postgres:", "postgresql:", 1))),
        };
        let mut child = command.stdout(Stdio::piped()).spawn().map_err(context(program.display()))?;
        // Starting Python and reflecting Alembic's target come before the time that counts.
        let before = if self == Contender::Alembic { 2.0 } else { 1.0 };
        let most = most.map(|seconds| Duration::from_secs_f64(seconds * before + 3.0));
        let start = Instant::now();
        while child.try_wait()?.is_none() {
            if most.is_some_and(|most| start.elapsed() > most) {
                child.kill()?;
                child.wait()?;
                return Ok(None);
            }
            sleep(Duration::from_millis(2));
        }
        let output = child.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        match numbers.as_slice() {
            [seconds, megabytes, operations] => {
                Ok(Some(DiffTimes { seconds: *seconds, megabytes: *megabytes, operations: *operations }))
            }
            _ => Err(format!("it says `{said}`").into()),
        }
    }
}

const PEER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/peer.py");

/// Ours, in a process of its own: prints what [`Measured`] holds.
///
/// # Errors
///
/// What the server says.
pub(crate) fn alone(args: &mut Args) -> Result<()> {
    let (from, to) = (args.value::<String>("from")?, args.value::<String>("to")?);
    let (Some(from), Some(to)) = (from, to) else { return Err("`--from` and `--to` are needed".into()) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let start = Instant::now();
    let (from, to) = runtime.block_on(async { tokio::try_join!(read(&from), read(&to)) })?;
    let statements = plan(&from, &to);
    let text = statements.join(";\n");
    let seconds = start.elapsed().as_secs_f64();
    println!("{seconds} {} {}", peak()?, if text.is_empty() { 0 } else { statements.len() });
    Ok(())
}

async fn read(url: &str) -> Result<Catalog> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    tokio::spawn(connection);
    Ok(inspect(&client, &Scope::default()).await?)
}

fn plan(from: &Catalog, to: &Catalog) -> Vec<String> {
    let plan = catalog::plan(from, to, &PlanOptions::default());
    plan.operations.into_iter().flat_map(|operation| operation.statements).collect()
}

/// The most memory that this process had, in MB.
fn peak() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status").map_err(context("/proc/self/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}
