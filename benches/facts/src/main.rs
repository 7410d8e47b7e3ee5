//! Measures deploying and verifying facts, side by side with the same SQL by psql. Writes its section of
//! docs/benchmarks.md.

mod process;
mod floor;
mod subject;
mod text;
mod timing;
mod round_trips;

use std::path::{Path, PathBuf};

use harness::{Args, Result, Server, context, write_section};

use crate::subject::Subject;
use crate::text::Measurements;

const USAGE: &str = "\
usage: facts [--tables 10,200,2000] [--rows 20000,1000000] [--rounds 9] [--large 3] [--seed 1] [--disk] [--out PATH]

  --tables  numbers of tables
  --rows    numbers of rows
  --rounds  rounds of each, but of what is large
  --large   rounds of 1,000 tables or 100,000 rows and more
  --seed    of the orders
  --disk    a server on a disk with fsync on, instead of one in memory with fsync off
  --out     the document whose section is written, docs/benchmarks.md by default";

fn main() -> Result<()> {
    let mut args = Args::from_env();
    if args.flag("help") {
        println!("{USAGE}");
        return Ok(());
    }
    if let Some(what) = args.value::<String>("alone")? {
        return process::main(&what, &mut args);
    }
    let command = format!("cargo run --release -p facts -- {}", args.given());
    let tables: Vec<usize> = args.list("tables")?.unwrap_or_else(|| vec![10, 200, 2000]);
    let rows: Vec<usize> = args.list("rows")?.unwrap_or_else(|| vec![20_000, 1_000_000]);
    let rounds = args.value("rounds")?.unwrap_or(9);
    let large = args.value("large")?.unwrap_or(3);
    let seed = args.value("seed")?.unwrap_or(1);
    let out = args.value("out")?.unwrap_or_else(document);
    let disk = args.flag("disk");
    args.done(USAGE)?;

    let mut subjects = vec![Subject::Demo];
    subjects.extend(tables.into_iter().map(Subject::Tables));
    subjects.extend(rows.into_iter().map(Subject::Rows));
    let server = if disk { Server::start()? } else { Server::start_in_memory()? };
    let root = std::env::temp_dir().join(format!("facts-{}", std::process::id()));
    std::fs::create_dir_all(&root).map_err(context(root.display()))?;
    let rounds = |subject: &Subject| match subject {
        Subject::Tables(1000..) | Subject::Rows(100_000..) => large,
        _ => rounds,
    };
    let ready = subjects.iter().map(|subject| timing::prepare(&server, *subject, rounds(subject), &root));
    let ready = ready.collect::<Result<Vec<_>>>()?;
    let trips = round_trips::count(&server, &subjects, &root)?;
    let times = timing::measure(&server, &ready, seed)?;
    std::fs::remove_dir_all(&root).map_err(context(root.display()))?;
    let measured = Measurements { subjects: &subjects, times: &times, trips: &trips };
    let place = if disk { "on a disk, fsync on" } else { "in memory, fsync off" };
    let text = measured.section(&format!("{} {place}", server.version), &command, seed)?;
    write_section(&out, "facts", &text)?;
    keep(&times.csv())?;
    println!("{text}");
    Ok(())
}

fn keep(csv: &str) -> Result<()> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results/facts.csv");
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(context(parent.display()))?;
    }
    std::fs::write(&path, csv).map_err(context(path.display()))
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md")
}
