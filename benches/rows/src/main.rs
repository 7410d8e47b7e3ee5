//! Measures what the rows of data facts cost, side by side with COPY of the same rows into the same table.
//! Writes its section of docs/benchmarks.md.

mod contender;
mod memory;
mod shape;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use harness::{Args, Bars, Result, Server, Shuffle, Spread, Table, Versions, context, ratios, write_section};

use crate::contender::{Contender, Work};
use crate::shape::Shape;

const USAGE: &str = "\
usage: rows [--rows 20000,1000000] [--rounds 9,3] [--seed 1] [--out PATH]

  --rows    numbers of rows
  --rounds  rounds for each
  --seed    of the orders
  --out     the document whose section is written, docs/benchmarks.md by default";

const SHAPES: [Shape; 2] = [Shape::Plain, Shape::Link];

/// Milliseconds of each round.
type Times = BTreeMap<(usize, &'static str, &'static str), Vec<f64>>;

fn main() -> Result<()> {
    let mut args = Args::from_env();
    if args.flag("help") {
        println!("{USAGE}");
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if let Some(what) = args.value::<String>("alone")? {
        return runtime.block_on(alone(&what, &mut args));
    }
    let command = format!("cargo run --release -p rows -- {}", args.given());
    let numbers: Vec<usize> = args.list("rows")?.unwrap_or_else(|| vec![20_000, 1_000_000]);
    let rounds: Vec<usize> = args.list("rounds")?.unwrap_or_else(|| vec![9, 3]);
    let seed = args.value("seed")?.unwrap_or(1);
    let out = args.value("out")?.unwrap_or_else(document);
    args.done(USAGE)?;

    let server = Server::start()?;
    server.create("rows")?;
    let (mut times, mut peaks, mut shuffle) = (Times::new(), Vec::new(), Shuffle::new(seed));
    for (at, rows) in numbers.iter().copied().enumerate() {
        for shape in SHAPES {
            let work = work(shape, rows, server.url("rows"));
            let count = rounds.get(at).or(rounds.last()).copied().unwrap_or(3);
            runtime.block_on(measure(&work, rows, count, &mut shuffle, &mut times))?;
            peaks.push((rows, shape, peak(&server, shape, rows)?));
        }
    }
    let text = text(&server, seed, &command, &numbers, &times, &peaks)?;
    write_section(&out, "rows", &text)?;
    println!("{text}");
    Ok(())
}

fn work(shape: Shape, rows: usize, url: String) -> Work {
    Work { shape, url, fact: shape.csv(rows, true).into(), copy: shape.csv(rows, false).into_bytes() }
}

/// Every contender once a round; those that load in a random order, each on a fresh table.
async fn measure(
    work: &Work,
    rows: usize,
    rounds: usize,
    shuffle: &mut Shuffle,
    times: &mut Times,
) -> Result<()> {
    let file = std::env::temp_dir().join(format!("rows-{}.csv", std::process::id()));
    std::fs::write(&file, &work.copy).map_err(context(file.display()))?;
    let client = work.connect().await?;
    let (looks, mut loads): (Vec<_>, Vec<_>) =
        Contender::ALL.into_iter().partition(|contender| contender.looks());
    // The first round warms up.
    for round in 0..=rounds {
        shuffle.shuffle(&mut loads);
        for contender in loads.iter().chain(&looks) {
            if !contender.looks() {
                client.batch_execute(&work.shape.tables()).await?;
                client.batch_execute("CHECKPOINT").await?;
            }
            let elapsed = work.run(*contender, &client, &file).await.map_err(context(contender.name()))?;
            if round > 0 {
                let key = (rows, work.shape.name(), contender.name());
                times.entry(key).or_default().push(elapsed.as_secs_f64() * 1000.0);
            }
            if !contender.looks() {
                client.batch_execute("ANALYZE item").await?;
            }
        }
    }
    std::fs::remove_file(&file).map_err(context(file.display()))
}

/// Peaks of memory: with the CSV only, loading, and comparing.
fn peak(server: &Server, shape: Shape, rows: usize) -> Result<[f64; 3]> {
    server.connect("rows")?.batch_execute(&shape.tables())?;
    let mut peaks = [0.0; 3];
    for (peak, what) in peaks.iter_mut().zip(["read", "deploy", "verify"]) {
        *peak = memory::of(&server.url("rows"), what, shape.name(), rows)?;
    }
    Ok(peaks)
}

/// One thing in a process of its own, which prints its peak of memory.
async fn alone(what: &str, args: &mut Args) -> Result<()> {
    let url = args.value("url")?.ok_or("--url")?;
    let name: String = args.value("shape")?.ok_or("--shape")?;
    let rows = args.value("rows")?.ok_or("--rows")?;
    let shape = SHAPES.into_iter().find(|shape| shape.name() == name).ok_or("no such shape")?;
    let work = Work { shape, url, fact: shape.csv(rows, true).into(), copy: Vec::new() };
    let client = work.connect().await?;
    match what {
        "deploy" => drop(work.run(Contender::New, &client, Path::new("")).await?),
        "verify" => drop(work.run(Contender::Verify, &client, Path::new("")).await?),
        _ => {}
    }
    println!("{}", memory::peak()?);
    Ok(())
}

fn text(
    server: &Server,
    seed: u64,
    command: &str,
    numbers: &[usize],
    times: &Times,
    peaks: &[(usize, Shape, [f64; 3])],
) -> Result<String> {
    let mut text = format!(
        "## Rows of data facts\n\n{} · {} · {} · {} processors · seed {seed} · in `benches/`:\n\n```console\n$ {}\n```\n\n{READING}\n",
        Versions::today()?,
        server.version,
        Versions::rustc()?,
        Versions::processors(),
        command.trim_end_matches([' ', '-']),
    );
    let _ = write!(text, "\n### The bars\n\n{}", bars(numbers, times));
    for rows in numbers {
        let _ = write!(text, "\n### {rows} rows: time, ms\n\n{}", timed(*rows, times));
    }
    let mut table = Table::new(["rows", "", "the CSV alone, MB", "deploying, MB", "verifying, MB"]);
    for (rows, shape, [csv, deploy, verify]) in peaks {
        table.row([
            rows.to_string(),
            shape.name().to_owned(),
            format!("{csv:.0}"),
            format!("{deploy:.0}"),
            format!("{verify:.0}"),
        ]);
    }
    let _ = write!(text, "\n### Memory at its peak\n\n{table}");
    Ok(text)
}

const READING: &str = "\
*COPY* sends the same rows as CSV that is in memory, links as numbers, into the same table with its indexes and foreign keys, \
in a transaction: the floor. *A fact* begins with the text of its CSV file and ends with the COMMIT; its links are looked up by \
the codes of a thousand rows. Times are medians with their quartiles; ratios are taken within each round, and then their median. fsync \
is on, and each load begins with a fresh table and a checkpoint.";

fn bars(numbers: &[usize], times: &Times) -> Bars {
    let mut bars = Bars::default();
    for rows in numbers.iter().copied() {
        for shape in SHAPES {
            let of = |contender: Contender| times.get(&(rows, shape.name(), contender.name()));
            for contender in [Contender::New, Contender::Empty] {
                let ratio = of(contender)
                    .zip(of(Contender::Copy))
                    .and_then(|(ours, copy)| Spread::of(ratios(ours, copy)));
                bars.ratio(
                    format!("{rows} rows, {}, {}: time × COPY", shape.name(), contender.name()),
                    ratio,
                    1.5,
                );
            }
            for contender in [Contender::Again, Contender::Verify] {
                let spread = of(contender).and_then(|times| Spread::of(times.iter().copied()));
                if let Some(spread) = spread.filter(|_| rows == 20_000) {
                    let what = format!("{rows} rows, {}, {}", shape.name(), contender.name());
                    bars.fact(what, "at most 70 ms", format!("{spread} ms"), spread.median <= 70.0);
                }
            }
        }
    }
    bars
}

fn timed(rows: usize, times: &Times) -> Table {
    let mut titles = vec![String::new()];
    for shape in SHAPES {
        titles.extend([shape.name().to_owned(), "× COPY".to_owned()]);
    }
    let mut table = Table::new(titles);
    for contender in Contender::ALL {
        let mut cells = vec![contender.name().to_owned()];
        for shape in SHAPES {
            let of = |contender: Contender| {
                times.get(&(rows, shape.name(), contender.name())).map(Vec::as_slice).unwrap_or_default()
            };
            let spread = Spread::of(of(contender).iter().copied()).map(|spread| spread.to_string());
            let ratio = Spread::of(ratios(of(contender), of(Contender::Copy))).map(|ratio| ratio.to_string());
            cells.extend([spread.unwrap_or_default(), ratio.unwrap_or_default()]);
        }
        table.row(cells);
    }
    table
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md")
}
