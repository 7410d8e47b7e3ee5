//! How long builds take: tools alternate within each round, and are compared within it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use harness::{Cargo, Profile, Result, Shuffle, Spread, Tool, context, patches, ratios};

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scenario {
    /// A debug build after one patch of `n` was edited.
    Edit,
    /// A debug build of the crate that embeds, its dependencies built.
    Clean,
    /// The same, optimised.
    Release,
}

impl Scenario {
    /// How it is called in tables.
    pub(crate) fn title(self, n: usize) -> String {
        match self {
            Scenario::Edit => format!("rebuild after one edit, N = {n}"),
            Scenario::Clean => format!("clean build of the crate, N = {n}"),
            Scenario::Release => format!("release build of the crate, N = {n}"),
        }
    }

    fn profile(self) -> Profile {
        match self {
            Scenario::Edit | Scenario::Clean => Profile::Dev,
            Scenario::Release => Profile::Release,
        }
    }
}

/// The builds of one scenario, in seconds, in the order of their rounds.
pub(crate) struct Timings {
    scenario: Scenario,
    n: usize,
    seconds: BTreeMap<Tool, Vec<f64>>,
    /// Bytes of the last binary.
    sizes: BTreeMap<Tool, u64>,
}

/// Builds each tool's crate with `n` patches once a round.
pub(crate) fn time(
    scenario: Scenario,
    n: usize,
    rounds: usize,
    tools: &[Tool],
    shuffle: &mut Shuffle,
) -> Result<Timings> {
    let mut timings = Timings { scenario, n, seconds: BTreeMap::new(), sizes: BTreeMap::new() };
    for &tool in tools {
        eprintln!("{}: {} warms up", scenario.title(n), tool.name());
        prepare(tool, n, scenario)?;
    }
    for round in 1..=rounds {
        let mut order = tools.to_vec();
        shuffle.shuffle(&mut order);
        for tool in order {
            let built = build(scenario, tool, n, round)?;
            eprintln!(
                "{}: round {round} of {rounds}: {} {:.2} s",
                scenario.title(n),
                tool.name(),
                built.time.as_secs_f64()
            );
            timings.seconds.entry(tool).or_default().push(built.time.as_secs_f64());
            timings.sizes.insert(tool, size(&built)?);
        }
    }
    Ok(timings)
}

fn build(scenario: Scenario, tool: Tool, n: usize, round: usize) -> Result<Cargo> {
    match scenario {
        Scenario::Edit => {
            patches::write_one(tool, n, &patches::edited(n, &format!("e{round}")), &tool.migrations())?
        }
        Scenario::Clean | Scenario::Release => Cargo::clean(tool.package(), scenario.profile())?,
    }
    let built = Cargo::build(tool.package(), scenario.profile())?;
    if built.rebuilt {
        Ok(built)
    } else {
        Err(format!("{} did not notice: {scenario:?}", tool.name()).into())
    }
}

/// Writes `n` patches and builds, so that only what is timed remains to be done.
fn prepare(tool: Tool, n: usize, scenario: Scenario) -> Result<Cargo> {
    patches::write(tool, n, &tool.migrations())?;
    if scenario == Scenario::Edit {
        patches::unlock_last(tool, n, &tool.migrations())?;
    }
    patches::touch(tool)?;
    Cargo::build(tool.package(), scenario.profile())
}

/// Whether a debug build notices a patch that was added to `n`.
pub(crate) fn addition_noticed(tool: Tool, n: usize) -> Result<bool> {
    prepare(tool, n, Scenario::Edit)?;
    patches::write_one(tool, n + 1, &patches::sql(n + 1), &tool.migrations())?;
    Ok(Cargo::build(tool.package(), Profile::Dev)?.rebuilt)
}

/// Bytes of the stripped release binary with `n` patches.
pub(crate) fn release_size(tool: Tool, n: usize) -> Result<u64> {
    size(&prepare(tool, n, Scenario::Release)?)
}

/// The parsers that a boot must not carry, of those whose names an unstripped release binary has.
pub(crate) fn parsers(tool: Tool) -> Result<Vec<&'static str>> {
    let built = Cargo::build_unstripped(tool.package())?;
    let binary = fs::read(&built.binary).map_err(context(built.binary.display()))?;
    let has = |name: &str| binary.windows(name.len()).any(|bytes| bytes == name.as_bytes());
    // A crate that is there for sure: otherwise the names are not, and nothing would be proved.
    if !has("tokio_postgres") {
        return Err(format!("{} has no symbols", built.binary.display()).into());
    }
    Ok(PARSERS.into_iter().filter(|name| has(name)).collect())
}

const PARSERS: [&str; 4] = ["squawk_parser", "saphyr", "pg_query", "sqlparser"];

/// Bytes of the SQL lexer's functions in an unstripped release binary, those left out that were inlined.
pub(crate) fn lexer_bytes(tool: Tool) -> Result<u64> {
    let built = Cargo::build_unstripped(tool.package())?;
    let listed = Command::new("nm").arg("--print-size").arg(&built.binary).output().map_err(context("nm"))?;
    if !listed.status.success() {
        return Err(format!("nm: {}", String::from_utf8_lossy(&listed.stderr).trim()).into());
    }
    let symbols = String::from_utf8_lossy(&listed.stdout).into_owned();
    // Address, size, type, name.
    let sizes = symbols.lines().filter(|line| line.contains("squawk_lexer")).filter_map(|line| line.split(' ').nth(1));
    Ok(sizes.filter_map(|size| u64::from_str_radix(size, 16).ok()).sum())
}

fn size(built: &Cargo) -> Result<u64> {
    Ok(fs::metadata(&built.binary).map_err(context(built.binary.display()))?.len())
}

impl Timings {
    /// Its title with the repetitions.
    pub(crate) fn title(&self) -> String {
        let repetitions = self.seconds.values().map(Vec::len).max().unwrap_or(0);
        format!("{} ({repetitions})", self.scenario.title(self.n))
    }

    /// The time, and its ratio to the base's of the same round.
    pub(crate) fn cells(&self, tool: Tool, base: Tool) -> [String; 2] {
        let show = |spread: Option<Spread>| spread.map_or("–".to_owned(), |spread| spread.to_string());
        let ratio = if tool == base { "1".to_owned() } else { show(self.ratio(tool, base)) };
        [show(Spread::of(self.of(tool).iter().copied())), ratio]
    }

    /// The ratio to the base's of the same round.
    pub(crate) fn ratio(&self, tool: Tool, base: Tool) -> Option<Spread> {
        Spread::of(ratios(self.of(tool), self.of(base)))
    }

    fn of(&self, tool: Tool) -> &[f64] {
        self.seconds.get(&tool).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many patches were built.
    pub(crate) fn n(&self) -> usize {
        self.n
    }

    /// Bytes of the binary that a tool's last build made.
    pub(crate) fn size(&self, tool: Tool) -> Option<u64> {
        self.sizes.get(&tool).copied()
    }

    /// Every build, as lines of comma-separated values.
    pub(crate) fn csv(&self) -> String {
        let mut csv = String::new();
        for (tool, seconds) in &self.seconds {
            for (round, seconds) in seconds.iter().enumerate() {
                let _ = writeln!(csv, "{:?},{},{},{round},{seconds:.3}", self.scenario, tool.name(), self.n);
            }
        }
        csv
    }
}
