//! Measures what it costs to inspect two databases, compare them and put what leads from one to the other into order, beside
//! Alembic's autogenerate and migra. Writes its section of docs/benchmarks.md.

mod contender;
mod schema;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use harness::{Args, Bars, Result, Server, Spread, Table, Versions, context, write_section};

use crate::contender::{Contender, DiffTimes};

const USAGE: &str = "\
usage: diff [--tables 200,2000,10000] [--rounds 5] [--alembic PYTHON] [--migra PYTHON] [--out PATH]

  --tables   numbers of tables
  --rounds   rounds for each
  --alembic  a Python that has alembic and psycopg2
  --migra    a Python that has migra and psycopg2
  --out      the document whose section is written, docs/benchmarks.md by default";

/// A peer that needs so many times as long as ours is ended.
const CUT_OFF: f64 = 20.0;

/// What was measured in each round; none for one that was cut off.
type Rounds = BTreeMap<(usize, Contender), Vec<Option<DiffTimes>>>;

fn main() -> Result<()> {
    let mut args = Args::from_env();
    if args.flag("help") {
        println!("{USAGE}");
        return Ok(());
    }
    if args.flag("alone") {
        return contender::alone(&mut args);
    }
    let mut command = format!("cargo run --release -p diff -- {}", args.given());
    let numbers: Vec<usize> = args.list("tables")?.unwrap_or_else(|| vec![200, 2_000, 10_000]);
    let rounds: usize = args.value("rounds")?.unwrap_or(5);
    let mut contenders = vec![(Contender::Ours, std::env::current_exe()?)];
    for contender in [Contender::Alembic, Contender::Migra] {
        let Some(python) = args.value::<String>(contender.name())? else { continue };
        // Where it lies says nothing to others.
        command = command.replace(&python, "PYTHON");
        contenders.push((contender, PathBuf::from(python)));
    }
    let out = args.value("out")?.unwrap_or_else(document);
    args.done(USAGE)?;

    let (server, mut measured) = (Server::start_in_memory()?, Rounds::new());
    for tables in numbers.iter().copied() {
        let urls = schema::databases(&server, tables)?;
        // The first round warms up.
        for round in 0..=rounds {
            let found = one_round(&contenders, &urls)?;
            for (contender, it) in found.into_iter().filter(|_| round > 0) {
                measured.entry((tables, contender)).or_default().push(it);
            }
        }
    }
    let text = text(&server, &command, &numbers, &measured)?;
    write_section(&out, "diff", &text)?;
    println!("{text}");
    Ok(())
}

fn one_round(
    contenders: &[(Contender, PathBuf)],
    urls: &[String; 2],
) -> Result<Vec<(Contender, Option<DiffTimes>)>> {
    let (mut found, mut most) = (Vec::new(), None);
    for (contender, program) in contenders {
        let it = contender.run(program, urls, most).map_err(context(contender.name()))?;
        most = most.or(it.map(|ours| ours.seconds * CUT_OFF));
        found.push((*contender, it));
    }
    Ok(found)
}

fn text(server: &Server, command: &str, numbers: &[usize], measured: &Rounds) -> Result<String> {
    let mut bars = Bars::default();
    let mut table = Table::new(["tables", "", "ms", "times ours", "peak of memory, MB", "operations"]);
    for tables in numbers.iter().copied() {
        for contender in [Contender::Ours, Contender::Alembic, Contender::Migra] {
            let Some(rounds) = measured.get(&(tables, contender)) else { continue };
            let ratio = ratio(measured.get(&(tables, Contender::Ours)), rounds);
            let said = ratio.map_or_else(|| format!("over {CUT_OFF}"), |ratio| ratio.to_string());
            let value = |value: fn(&DiffTimes) -> f64| Spread::of(rounds.iter().flatten().map(value));
            let cell = |spread: Option<Spread>| {
                spread.map_or_else(|| "cut off".to_owned(), |spread| spread.to_string())
            };
            let operations = rounds.iter().flatten().map(|it| it.operations).reduce(f64::max);
            let cells = [
                tables.to_string(),
                contender.name().to_owned(),
                cell(value(|it| it.seconds * 1000.0)),
                if contender == Contender::Ours { String::new() } else { said.clone() },
                cell(value(|it| it.megabytes)),
                operations.map(|number| number.to_string()).unwrap_or_default(),
            ];
            table.row(cells);
            if contender != Contender::Ours {
                let what = format!("{tables} tables, times faster than {}", contender.name());
                bars.fact(what, "at least 10", said, ratio.is_none_or(|ratio| ratio.median >= 10.0));
            }
        }
    }
    Ok(format!(
        "## Plans between two databases\n\n{} · {} · {} · {} processors · in `benches/`:\n\n```console\n$ {}\n```\n\n{READING}\n\n\
         ### The bars\n\n{bars}\n### Time and memory\n\n{table}",
        Versions::today()?,
        server.version,
        Versions::rustc()?,
        Versions::processors(),
        command.trim_end_matches([' ', '-']),
    ))
}

/// The time of each round over ours of the same one; none if a round was cut off.
fn ratio(ours: Option<&Vec<Option<DiffTimes>>>, theirs: &[Option<DiffTimes>]) -> Option<Spread> {
    let pairs = ours?.iter().zip(theirs);
    let ratios: Option<Vec<f64>> =
        pairs.map(|(ours, theirs)| Some(theirs.as_ref()?.seconds / ours.as_ref()?.seconds)).collect();
    Spread::of(ratios?)
}

const READING: &str = "\
Both databases are there. *Ours* inspects both, compares, orders, and prints SQL. *alembic* is `produce_migrations` with \
types and defaults compared, and the code of the revision; it is given the target as metadata, which is not counted, and looks at tables, \
columns, keys and indexes only. *migra* is `Migration` with all changes, and inspects both. Starting a process, imports and parsing of arguments are not \
counted for anybody. One table in twenty differs: a column more, one less, another type, default and NOT NULL, an index and a check more; one \
in a hundred is new, one in a hundred is gone. A peer is ended when it has taken twenty times as long as ours in the same round. Memory is \
the peak of the whole process, Python's own 40 to 60 MB included. Times are medians with their quartiles.";

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md")
}
