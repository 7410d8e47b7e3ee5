//! Measures how long pgbench's clients wait while a patch needs one of their tables for itself and somebody reads it for
//! long. Writes its section of docs/benchmarks.md.

mod contender;
mod pgbench;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use contender::Contender;
use harness::{Args, Bars, Result, Server, Spread, Table, Versions, context, write_section};
use pgbench::Pgbench;

const USAGE: &str = "\
usage: load [--rounds 3] [--clients 8] [--reads 10] [--out PATH]

  --rounds   rounds for each contender
  --clients  clients of pgbench
  --reads    for how many seconds somebody reads the table
  --out      the document whose section is written, docs/benchmarks.md by default";

/// What a patch waits for a lock unless somebody says otherwise, and what the clients may wait beyond that.
const BAR: f64 = 2.5;

/// How long the clients run before the patch, and after the reader is done.
const MARGIN: Duration = Duration::from_secs(2);

/// One round: the clients' longest stall and how long the patch took, in seconds.
#[derive(Debug, Clone, Copy)]
struct Round {
    stall: f64,
    took: f64,
    transactions: usize,
}

fn main() -> Result<()> {
    let mut args = Args::from_env();
    if args.flag("help") {
        println!("{USAGE}");
        return Ok(());
    }
    let command = format!("cargo run --release -p load -- {}", args.given());
    let rounds = args.value("rounds")?.unwrap_or(3);
    let clients: usize = args.value("clients")?.unwrap_or(8);
    let reads = Duration::from_secs(args.value("reads")?.unwrap_or(10));
    let out = args.value("out")?.unwrap_or_else(document);
    args.done(USAGE)?;

    let server = Server::start()?;
    let mut measured = BTreeMap::<Contender, Vec<Round>>::new();
    for number in 0..rounds {
        for contender in Contender::ALL {
            let round = round(&server, contender, clients, reads).map_err(context(contender.name()))?;
            println!("round {number}, {}: {round:?}", contender.name());
            measured.entry(contender).or_default().push(round);
        }
    }
    let text = text(&server, &command, clients, reads, &measured)?;
    write_section(&out, "load", &text)?;
    println!("{text}");
    Ok(())
}

fn round(server: &Server, contender: Contender, clients: usize, reads: Duration) -> Result<Round> {
    const NAME: &str = "load";
    server.create(NAME)?;
    let pgbench = Pgbench::new(server, NAME)?;
    pgbench.initialize()?;
    let all = MARGIN + reads + MARGIN + MARGIN;
    let running = pgbench.start(clients, all)?;
    sleep(MARGIN);
    let mut reader = server.connect(NAME)?;
    let reading = std::thread::spawn(move || {
        let sql = format!(
            "BEGIN; SELECT count(*) FROM pgbench_accounts; SELECT pg_sleep({}); COMMIT",
            reads.as_secs()
        );
        reader.batch_execute(&sql)
    });
    sleep(Duration::from_millis(500));
    let started = Instant::now();
    contender.apply(&server.url(NAME))?;
    let took = started.elapsed().as_secs_f64();
    reading.join().map_err(|_| "the reader panicked")??;
    let latencies = running.finish()?;
    let stall = latencies.iter().copied().max().ok_or("pgbench did nothing")?;
    Ok(Round { stall: stall.as_secs_f64(), took, transactions: latencies.len() })
}

fn text(
    server: &Server,
    command: &str,
    clients: usize,
    reads: Duration,
    measured: &BTreeMap<Contender, Vec<Round>>,
) -> Result<String> {
    let worst = |contender| {
        let rounds: &Vec<Round> = measured.get(&contender)?;
        rounds.iter().map(|round| round.stall).max_by(f64::total_cmp)
    };
    let mut bars = Bars::default();
    if let Some(stall) = worst(Contender::Ours) {
        let what = "the clients' longest stall, in the worst round";
        bars.fact(what, "below the lock timeout + 0.5 s = 2.5 s", format!("{stall:.2} s"), stall < BAR);
    }
    let mut table =
        Table::new(["", "longest stall, s", "worst, s", "the patch took, s", "transactions", "rounds"]);
    for (contender, rounds) in measured {
        let spread = |value: fn(&Round) -> f64| {
            Spread::of(rounds.iter().map(value)).map(|spread| spread.to_string()).unwrap_or_default()
        };
        table.row([
            contender.name().to_owned(),
            spread(|round| round.stall),
            worst(*contender).map(|stall| format!("{stall:.2}")).unwrap_or_default(),
            spread(|round| round.took),
            spread(|round| round.transactions as f64),
            rounds.len().to_string(),
        ]);
    }
    Ok(format!(
        "## Under load\n\n{} · {} · {} · {} processors · in `benches/`:\n\n```console\n$ {}\n```\n\n{}\n\n### The bars\n\n{bars}\n\
         ### Stalls\n\n{table}",
        Versions::today()?,
        server.version,
        Versions::read()?.of("refinery"),
        Versions::processors(),
        command.trim_end_matches([' ', '-']),
        reading(clients, reads),
    ))
}

fn reading(clients: usize, reads: Duration) -> String {
    format!(
        "{clients} clients of `pgbench` run its own transactions (scale 1) on a server with fsync on. Somebody reads `pgbench_accounts` in a \
         transaction of {} s, and half a second into it a patch says `ALTER TABLE pgbench_accounts ADD note text`, which is over at once but needs the \
         table for itself: it waits for the reader, and all who come after it wait for it. Ours gives way after its lock timeout, 2 s here as \
         by default, lets the others in and tries again. A stall is a transaction's time in `pgbench`'s own log (`--log`).",
        reads.as_secs()
    )
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md")
}
