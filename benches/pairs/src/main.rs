//! Counts how many public pairs of schemas, and steps of real histories, a plan leads through, both ways. `pg_dump` judges.
//!
//! `case.rs` finds what is to be tried. `database.rs` makes a database by psql, `rows.rs` fills it. `worker.rs` plans, applies and
//! judges one direction by way of `dump.rs`; `pair.rs` and `history.rs` do so for a whole case. `tally.rs` sums up.

mod case;
mod database;
mod dump;
mod history;
mod json;
mod outcome;
mod pair;
mod migration;
mod rows;
mod tally;
mod worker;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use harness::{Args, Result, Server};

use crate::case::Case;
use crate::database::Databases;
use crate::outcome::Finding;
use crate::tally::Tally;

const USAGE: &str = "\
usage: pairs DIRECTORY [--only TEXT] [--threads 2] [--failures PATH] [--no-rows]

  DIRECTORY   what `extract.py` wrote: pairs/SUITE/CASE/{old,new}.sql and histories/NAME/*.sql
  --only      cases of which SUITE/CASE contains this text
  --threads   cases at once
  --failures  a file for all that was not reached, a JSON object a line
  --no-rows   tables stay empty";

fn main() -> Result<()> {
    let mut args = Args::from_env();
    if args.flag("help") {
        println!("{USAGE}");
        return Ok(());
    }
    let only: Option<String> = args.value("only")?;
    let threads: usize = args.value("threads")?.unwrap_or(2);
    let failures: Option<PathBuf> = args.value("failures")?;
    let rows = !args.flag("no-rows");
    let directory = args.positional().ok_or(USAGE)?;
    args.done(USAGE)?;

    let mut cases = Case::all(directory.as_ref())?;
    cases.retain(|case| only.as_ref().is_none_or(|only| case.to_string().contains(only)));
    let server = Server::start_in_memory()?;
    let findings = run(&server, &cases, threads, rows)?;
    if let Some(path) = failures {
        json::write(&path, &findings)?;
    }
    println!("{}", Tally::of(&findings));
    Ok(())
}

/// Tries the cases, some at once.
fn run(server: &Server, cases: &[Case], threads: usize, rows: bool) -> Result<Vec<Finding>> {
    let (next, findings) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        let work = |number: usize| -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let worker = worker::Worker { databases: Databases::new(server)?, runtime: &runtime, number, rows };
            while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                let found = match case {
                    Case::Pair { .. } => pair::run(&worker, case),
                    Case::History { .. } => history::run(&worker, case),
                };
                // One that can't be judged is no reason to stop.
                let found = found.unwrap_or_else(|error| vec![Finding::not_judged(case, &error)]);
                let mut findings = findings.lock().map_err(|error| error.to_string())?;
                findings.extend(found);
                eprint!("\r{} of {} ", findings.len(), cases.len());
            }
            Ok(())
        };
        let workers: Vec<_> = (0..threads.max(1)).map(|number| scope.spawn(move || work(number))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().map_err(|_| "a worker panicked")?)
    })?;
    let mut findings = findings.into_inner()?;
    findings.sort_by(|one, two| one.case.cmp(&two.case));
    Ok(findings)
}
