//! Measures the cost of a boot, side by side with peers: when up to date, applying to an empty database, and both
//! with latency. Writes its section of docs/benchmarks.md.

mod binaries;
mod contender;
mod counting;
mod run;
mod timing;

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use harness::{Args, Bars, Result, Server, Tool, Versions, context, write_section};
use proxy::Proxy;

use crate::contender::Contender;
use crate::counting::ContenderCounts;
use crate::timing::{Plan, Timings};

const USAGE: &str = "\
usage: boot [--n 10,100,1000] [--boots 30] [--applies 12] [--delayed 7] [--seed 1] [--out PATH] [--built]

  --n        numbers of patches
  --boots    rounds of boots that are up to date
  --applies  rounds of boots that apply everything; half of them from 1000 patches on
  --delayed  rounds with latency (100 patches, or the most below)
  --seed     of the orders
  --out      the document whose section is written, docs/benchmarks.md by default
  --built    takes the binaries of the last time";

/// One way. A round trip takes twice that.
const DELAY: Duration = Duration::from_millis(5);

fn main() -> Result<()> {
    let mut args = Args::from_env();
    if args.flag("help") {
        println!("{USAGE}");
        return Ok(());
    }
    let command = format!("cargo run --release -p boot -- {}", args.given());
    let numbers = args.list("n")?.unwrap_or_else(|| vec![10, 100, 1000]);
    let boots: usize = args.value("boots")?.unwrap_or(30);
    let applies: usize = args.value("applies")?.unwrap_or(12);
    let delayed: usize = args.value("delayed")?.unwrap_or(7);
    let seed = args.value("seed")?.unwrap_or(1);
    let out = args.value("out")?.unwrap_or_else(document);
    let built = args.flag("built");
    args.done(USAGE)?;
    if !built {
        binaries::build(&numbers)?;
    }

    let server = Server::start()?;
    let counted = counting::count(&server, &numbers)?;
    let plan = Plan { numbers: numbers.clone(), rounds: Box::new(move |_| boots), seed };
    let up_to_date = timing::up_to_date(&server, server.port(), "up to date", &plan)?;
    let rounds = move |n| if n < 1000 { applies } else { applies.div_ceil(2) };
    let plan = Plan { numbers: numbers.clone(), rounds: Box::new(rounds), seed };
    let applying = timing::applying(&server, server.port(), "applying", &plan)?;
    let some = numbers.iter().copied().filter(|n| *n <= 100).max();
    let plan = Plan { numbers: some.into_iter().collect(), rounds: Box::new(move |_| delayed), seed };
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], server.port())), DELAY)?;
    let far_up_to_date = timing::up_to_date(&server, proxy.port(), "up to date, 5 ms", &plan)?;
    let far_applying = timing::applying(&server, proxy.port(), "applying, 5 ms", &plan)?;

    let timings = [&up_to_date, &applying, &far_up_to_date, &far_applying];
    keep(&timings)?;
    let mut text = about(&server, seed, &command)?;
    let bars = bars(&counted, &numbers, timings);
    let _ = write!(text, "\n### The bars\n\n{bars}");
    let _ = write!(text, "\n### Up to date: what is said\n\n{}", counting::up_to_date(&counted));
    let _ = write!(text, "\n### Up to date: time\n\n{}", timed(&up_to_date));
    let _ = write!(text, "\n### An empty database: what is said\n\n{}", counting::applying(&counted));
    let _ = write!(text, "\n### An empty database: time\n\n{}", timed(&applying));
    let _ = write!(text, "\n### 5 ms each way, up to date: time\n\n{}", timed(&far_up_to_date));
    let _ = write!(text, "\n### 5 ms each way, an empty database: time\n\n{}", timed(&far_applying));
    let messages = counting::messages(&counted);
    let _ = write!(text, "\n### An empty database: messages by type\n\n{MESSAGES}\n\n{messages}");
    write_section(&out, "boot", &text)?;
    println!("{text}");
    Ok(())
}

/// What the project promises: counts, and medians of paired ratios with their quartiles.
fn bars(counted: &[ContenderCounts], numbers: &[usize], timings: [&Timings; 4]) -> Bars {
    let [up_to_date, applying, _, far_applying] = timings;
    let ours = Contender::Tool(Tool::Ours);
    let mut bars = Bars::default();
    counting::bars(&mut bars, counted);
    for &n in numbers {
        bars.ratio(format!("up to date, N = {n}: time × bare"), up_to_date.ratio(n, ours), 1.2);
    }
    for &n in numbers {
        bars.ratio(format!("apply, N = {n}: time × floor"), applying.ratio(n, ours), 1.15);
    }
    for &n in numbers {
        let what = format!("apply, N = {n}, 5 ms each way: time × floor");
        bars.ratio(what, far_applying.ratio(n, ours), 1.15);
    }
    bars
}

const MESSAGES: &str = "The letters are the protocol's; `*` is the start of a connection, which has none.";

fn timed(timings: &Timings) -> String {
    format!("{}\nRepetitions: {}.\n", timings.table(), timings.repetitions())
}

/// The head of the section.
fn about(server: &Server, seed: u64, command: &str) -> Result<String> {
    let versions = Versions::read()?;
    let crates =
        ["refinery", "sqlx", "diesel", "diesel_migrations", "tokio-postgres"].map(|name| versions.of(name));
    Ok(format!(
        "## Boot\n\n{} · {} · {} · {} · {} processors · seed {seed} · in `benches/`:\n\n```console\n$ {}\n```\n\n{READING}\n",
        Versions::today()?,
        server.version,
        Versions::rustc()?,
        crates.join(", "),
        Versions::processors(),
        command.trim_end_matches([' ', '-']),
    ))
}

const READING: &str = "\
Every patch is a `CREATE TABLE` and a `CREATE INDEX`; all contenders run the same ones, with fsync on. Times are \
medians with their quartiles, from before connecting to done, by the clock of the booting process; ratios are taken \
within each round, in which all contenders run in a random order, and then their median. *bare* connects and selects 1; *floor* sends \
the same SQL and history rows pipelined in one transaction. \
*Advisory locks* are statements sent that ask for one. *Round trips* are a proxy's count of the times that a client \
with nothing left to wait for sent something; connecting is one. *COMMITs* are those that the server confirmed, \
*synchronous* those of them that came with `synchronous_commit` on, by the statements that went before on the \
connection; *WAL syncs* are the server's own count, which also has commits without a COMMIT, and now and then one of the WAL \
writer's (its delay is 10 s while counting).";

/// Every single boot, for whoever wants to look closer.
fn keep(timings: &[&Timings]) -> Result<()> {
    let path = results().join("boot.csv");
    let head = "scenario,contender,patches,round,inside_ms,process_ms\n".to_owned();
    let csv = timings.iter().fold(head, |csv, timings| csv + &timings.csv());
    fs::write(&path, csv).map_err(context(path.display()))
}

/// Where binaries and single boots are kept.
fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../results")
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md")
}
