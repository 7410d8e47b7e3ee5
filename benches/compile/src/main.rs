//! Measures what embedding N patches costs the compiler and the binary, side by side with peers. Writes its section
//! of docs/benchmarks.md.

mod timing;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use harness::{Args, Bars, Cargo, Result, Shuffle, Spread, Table, Tool, Versions, context, write_section};

use crate::timing::{Scenario, Timings};

const USAGE: &str = "\
usage: compile [--tools diesel,sqlx,refinery,ours] [--n 1000] [--many 10000] [--edits 7] [--builds 3] [--seed 1] [--out PATH]

  --tools   what is compared; ratios are to diesel's
  --n       patches of the rebuilds, the release builds and the binary
  --many    patches of the clean builds; refinery takes minutes from there on and is left out
  --edits   rounds of rebuilds after one edit
  --builds  rounds of clean and of release builds
  --seed    of the orders
  --out     the document whose section is written, docs/benchmarks.md by default";

/// What ratios are taken to.
const BASE: Tool = Tool::Diesel;

fn main() -> Result<()> {
    let mut args = Args::from_env();
    if args.flag("help") {
        println!("{USAGE}");
        return Ok(());
    }
    let command = format!("cargo run --release -p compile -- {}", args.given());
    let tools: Vec<Tool> =
        args.list("tools")?.unwrap_or_else(|| vec![Tool::Diesel, Tool::Sqlx, Tool::Refinery, Tool::Ours]);
    let n = args.value("n")?.unwrap_or(1000);
    let many = args.value("many")?.unwrap_or(10_000);
    let edits = args.value("edits")?.unwrap_or(7);
    let builds = args.value("builds")?.unwrap_or(3);
    let seed = args.value("seed")?.unwrap_or(1);
    let out = args.value("out")?.unwrap_or_else(document);
    args.done(USAGE)?;

    Cargo::fetch()?;
    let mut shuffle = Shuffle::new(seed);
    let edit = timing::time(Scenario::Edit, n, edits, &tools, &mut shuffle)?;
    let added = tools.iter().map(|tool| timing::addition_noticed(*tool, n)).collect::<Result<Vec<_>>>()?;
    let few: Vec<_> = tools.iter().copied().filter(|tool| *tool != Tool::Refinery).collect();
    let clean = timing::time(Scenario::Clean, many, builds, &few, &mut shuffle)?;
    let one = tools.iter().map(|tool| timing::release_size(*tool, 1)).collect::<Result<Vec<_>>>()?;
    let release = timing::time(Scenario::Release, n, builds, &tools, &mut shuffle)?;
    let ours = tools.contains(&Tool::Ours);
    let parsers = ours.then(|| timing::parsers(Tool::Ours)).transpose()?;
    let lexer = ours.then(|| timing::lexer_bytes(Tool::Ours)).transpose()?;

    let timings = [&edit, &clean, &release];
    keep(&timings)?;
    let mut text = about(seed, &command)?;
    if let Some(parsers) = &parsers {
        let bars = bars(&tools, &timings, &one, &added, parsers);
        let _ = write!(text, "\n### The bars\n\n{bars}");
    }
    let _ = write!(text, "\n### Time, s\n\n{}", timed(&tools, &timings));
    let _ = write!(text, "\n### Size\n\n{}", sized(&tools, &one, &release));
    if let Some(bytes) = lexer {
        let _ = write!(text, "\nOf ours, the SQL lexer takes {bytes} bytes.\n");
    }
    let _ = write!(text, "\n### An added file\n\n{}", noticed(&tools, &added));
    write_section(&out, "compile", &text)?;
    println!("{text}");
    Ok(())
}

fn timed(tools: &[Tool], timings: &[&Timings]) -> Table {
    let titles = timings.iter().flat_map(|timings| [timings.title(), format!("× {}", BASE.name())]);
    let mut table = Table::new(std::iter::once(String::new()).chain(titles));
    for &tool in tools {
        let cells = timings.iter().flat_map(|timings| timings.cells(tool, BASE));
        table.row(std::iter::once(tool.name().to_owned()).chain(cells));
    }
    table
}

/// What the project promises: medians of paired ratios with their quartiles, and what is in the binary.
fn bars(tools: &[Tool], timings: &[&Timings; 3], one: &[u64], added: &[bool], parsers: &[&str]) -> Bars {
    let mut bars = Bars::default();
    for timings in timings {
        let what = format!("{} × {}", timings.title(), BASE.name());
        bars.ratio(what, timings.ratio(Tool::Ours, BASE), 1.5);
    }
    let [_, _, release] = timings;
    let each = |tool| bytes_a_patch(tools, one, release, tool);
    let ratio = each(Tool::Ours).zip(each(BASE)).map(|(ours, base)| ours / base);
    let ratio = ratio.map(|ratio| Spread { low: ratio, median: ratio, high: ratio });
    bars.ratio(format!("bytes a patch in the binary × {}", BASE.name()), ratio, 1.5);
    let noticed = tools.iter().zip(added).any(|(tool, noticed)| *tool == Tool::Ours && *noticed);
    bars.fact("an added file", "is embedded by the next build", if noticed { "yes" } else { "no" }, noticed);
    let found = if parsers.is_empty() { "none".to_owned() } else { parsers.join(", ") };
    bars.fact("SQL or YAML parsers in the release binary", "none", found, parsers.is_empty());
    bars
}

/// What each patch beyond the first adds to a tool's release binary.
fn bytes_a_patch(tools: &[Tool], one: &[u64], release: &Timings, tool: Tool) -> Option<f64> {
    let (_, one) = tools.iter().zip(one).find(|(other, _)| **other == tool)?;
    let growth = release.size(tool)?.checked_sub(*one)?;
    Some(growth as f64 / release.n().saturating_sub(1).max(1) as f64)
}

fn sized(tools: &[Tool], one: &[u64], release: &Timings) -> Table {
    let base = bytes_a_patch(tools, one, release, BASE);
    let n = release.n();
    let many = format!("N = {n}, bytes");
    let ratio = format!("× {}", BASE.name());
    let mut table = Table::new(["", "N = 1, bytes", &many, "bytes a patch", &ratio]);
    for (&tool, &first) in tools.iter().zip(one) {
        let each = bytes_a_patch(tools, one, release, tool);
        let ratio = each.zip(base).map(|(each, base)| format!("{:.2}", each / base));
        table.row([
            tool.name().to_owned(),
            first.to_string(),
            release.size(tool).map(|size| size.to_string()).unwrap_or_default(),
            each.map(|each| format!("{each:.0}")).unwrap_or_default(),
            ratio.unwrap_or_default(),
        ]);
    }
    table
}

fn noticed(tools: &[Tool], added: &[bool]) -> Table {
    let mut table = Table::new(["", "the next build"]);
    for (tool, noticed) in tools.iter().zip(added) {
        table.row([tool.name(), if *noticed { "embeds it" } else { "does not notice" }]);
    }
    table
}

/// The head of the section.
fn about(seed: u64, command: &str) -> Result<String> {
    let versions = Versions::read()?;
    let crates = ["refinery", "sqlx", "diesel_migrations"].map(|name| versions.of(name));
    Ok(format!(
        "## Compile time and size\n\n{} · {} · {} · {} processors · seed {seed} · in `benches/`:\n\n```console\n$ {}\n```\n\n{READING}\n",
        Versions::today()?,
        Versions::rustc()?,
        crates.join(", "),
        Versions::processors(),
        command.trim_end_matches([' ', '-']),
    ))
}

const READING: &str = "\
The crate that embeds is a small `main`; its dependencies are built before. Times are medians with their quartiles, \
from before cargo starts to after it ends; ratios are taken within each round, in which all tools build in a random order, and then their \
median; in brackets, the rounds. An edit changes the last patch, which of ours is a draft. Binaries are stripped release builds; bytes a patch are what each beyond the first \
adds; parsers are looked for by name in a binary that keeps its symbols. No peer has a build script, as none of their macros asks for one; their manuals advise one where added files are to be noticed. Ours has the one \
that its manual advises, and its clean build builds that too. Our crates are paths here, and compiled as those from a \
registry are: not incrementally.";

/// Every single build, for whoever wants to look closer.
fn keep(timings: &[&Timings]) -> Result<()> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results");
    fs::create_dir_all(&directory).map_err(context(directory.display()))?;
    let head = "scenario,tool,patches,round,seconds\n".to_owned();
    let csv = timings.iter().fold(head, |csv, timings| csv + &timings.csv());
    let path = directory.join("compile.csv");
    fs::write(&path, csv).map_err(context(path.display()))
}

fn document() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/benchmarks.md")
}
