//! How long a server is still there after the test, or its group, was killed.

use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Result, Shuffle, context};
use embed_migrate::testing::{Contents, TestDatabase};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::server_times::milliseconds;

/// The moments of the kills, after the process was started: from before its server to while its test runs.
const LAST: u64 = 200;

/// Milliseconds until the last process and the last file are gone, of each kill that had something to end.
pub(crate) fn measure(scratch: &Path, times: usize, shuffle: &mut Shuffle) -> Result<Vec<f64>> {
    let cache = scratch.join("kills");
    let program = std::env::current_exe()?;
    let start = || -> Result<std::process::Child> {
        let mut command = Command::new(&program);
        command.arg("--alone").env("MIGRATE_TEST_CACHE", &cache).process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.spawn().map_err(context("a test"))
    };
    // Makes the image.
    let mut first = start()?;
    drop(first.stdin.take());
    first.wait()?;
    let mut gone = Vec::new();
    let mut moments: Vec<u64> = (0..times as u64).map(|number| number * LAST / times as u64).collect();
    shuffle.shuffle(&mut moments);
    for (number, moment) in moments.into_iter().enumerate() {
        let mut process = start()?;
        std::thread::sleep(Duration::from_millis(moment));
        let guards = guards(process.id());
        let pid = Pid::from_child(&process);
        match number % 2 {
            0 => kill_process(pid, Signal::KILL)?,
            _ => kill_process_group(pid, Signal::KILL)?,
        }
        let killed = Instant::now();
        while guards.iter().any(|(guard, directory)| directory.exists() || server_times(*guard)) {
            if killed.elapsed() > Duration::from_secs(30) {
                return Err("a killed test left something".into());
            }
            std::thread::sleep(Duration::from_micros(200));
        }
        if !guards.is_empty() {
            gone.push(milliseconds(killed));
        }
        process.wait()?;
    }
    Ok(gone)
}

/// What is killed: a process that takes a database and waits.
pub(crate) fn alone() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let _database = TestDatabase::new(&Contents::of([])).await?;
        std::io::stdin().read_to_end(&mut Vec::new())?;
        Ok(())
    })
}

/// The guards that a process has started, which end with their servers, and their directories.
fn guards(process: u32) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let guard = |other: u32| {
        let stat = fs::read_to_string(format!("/proc/{other}/stat")).ok()?;
        let parent: u32 = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
        let arguments = String::from_utf8(fs::read(format!("/proc/{other}/cmdline")).ok()?).ok()?;
        let directory = arguments.split('\0').find(|word| word.contains("/migrate-throwaway-"))?;
        (parent == process).then(|| (other, PathBuf::from(directory)))
    };
    all.filter_map(guard).collect()
}

/// Whether a process is there and no zombie.
fn server_times(process: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, state)| !state.starts_with('Z'))
}
