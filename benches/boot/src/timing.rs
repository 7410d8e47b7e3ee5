//! How long boots take: contenders interleaved and shuffled in each round, and compared within it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use harness::{Result, Server, Shuffle, Spread, Table, ratios};

use crate::contender::Contender;
use crate::run::{self, Boot};

/// All boots of one scenario, in the order of their rounds.
pub(crate) struct Timings {
    scenario: &'static str,
    base: Contender,
    boots: BTreeMap<(usize, Contender), Vec<Boot>>,
}

/// Boots of contenders whose database is up to date, against [`Contender::Bare`].
pub(crate) fn up_to_date(server: &Server, port: u16, scenario: &'static str, plan: &Plan) -> Result<Timings> {
    let mut timings = Timings::new(scenario, Contender::Bare);
    for &n in &plan.numbers {
        for contender in Contender::up_to_date() {
            // The bare one reads the same catalog as the others: what the floor makes.
            let applies = if contender == Contender::Bare { Contender::Floor } else { contender };
            server.create(&database(contender, n))?;
            run::boot(applies, n, &server.url(&database(contender, n)))?;
        }
    }
    server.admin("CHECKPOINT")?;
    timings.rounds(plan, &Contender::up_to_date(), |contender, n| {
        run::boot(contender, n, &harness::url(port, &database(contender, n)))
    })?;
    for &n in &plan.numbers {
        Contender::up_to_date()
            .into_iter()
            .try_for_each(|contender| server.drop_database(&database(contender, n)))?;
    }
    Ok(timings)
}

/// Boots against an empty database each, against [`Contender::Floor`].
pub(crate) fn applying(server: &Server, port: u16, scenario: &'static str, plan: &Plan) -> Result<Timings> {
    let mut timings = Timings::new(scenario, Contender::Floor);
    timings.rounds(plan, &Contender::applying(), |contender, n| {
        let database = database(contender, n);
        server.create(&database)?;
        // So that each finds the same to write: the first change to a page after a checkpoint logs all of it.
        server.admin("CHECKPOINT")?;
        let boot = run::boot(contender, n, &harness::url(port, &database))?;
        server.drop_database(&database)?;
        Ok(boot)
    })?;
    Ok(timings)
}

fn database(contender: Contender, n: usize) -> String {
    format!("{}_{n}", contender.name())
}

/// How often, with how many patches.
pub(crate) struct Plan {
    pub(crate) numbers: Vec<usize>,
    /// Rounds with `n` patches.
    pub(crate) rounds: Box<dyn Fn(usize) -> usize>,
    pub(crate) seed: u64,
}

impl Timings {
    fn new(scenario: &'static str, base: Contender) -> Timings {
        Timings { scenario, base, boots: BTreeMap::new() }
    }

    /// The first round warms up and is thrown away.
    fn rounds(
        &mut self,
        plan: &Plan,
        contenders: &[Contender],
        mut boot: impl FnMut(Contender, usize) -> Result<Boot>,
    ) -> Result<()> {
        let mut shuffle = Shuffle::new(plan.seed);
        let most = plan.numbers.iter().map(|n| (plan.rounds)(*n)).max().unwrap_or(0);
        for round in 0..=most {
            eprintln!("{}: round {round} of {most}", self.scenario);
            for &n in plan.numbers.iter().filter(|n| round <= (plan.rounds)(**n)) {
                let mut order = contenders.to_vec();
                shuffle.shuffle(&mut order);
                for contender in order {
                    let boot = boot(contender, n)?;
                    if round > 0 {
                        self.boots.entry((n, contender)).or_default().push(boot);
                    }
                }
            }
        }
        Ok(())
    }

    /// One row a contender; for each number of patches the time, and its ratio to the base's of the same round.
    pub(crate) fn table(&self) -> Table {
        let mut numbers: Vec<_> = self.boots.keys().map(|(n, _)| *n).collect();
        numbers.dedup();
        let mut contenders: Vec<_> = self.boots.keys().map(|(_, contender)| *contender).collect();
        contenders.sort_unstable();
        contenders.dedup();
        let base = self.base.name();
        let titles = numbers.iter().flat_map(|n| [format!("N = {n}, ms"), format!("× {base}")]);
        let mut table = Table::new(std::iter::once(String::new()).chain(titles));
        for contender in contenders {
            let cells = numbers.iter().flat_map(|n| self.cells(*n, contender));
            table.row(std::iter::once(contender.name().to_owned()).chain(cells));
        }
        table
    }

    fn cells(&self, n: usize, contender: Contender) -> [String; 2] {
        let show = |spread: Option<Spread>| spread.map(|spread| spread.to_string()).unwrap_or_default();
        let ratio = if contender == self.base { "1".to_owned() } else { show(self.ratio(n, contender)) };
        [show(Spread::of(self.inside(n, contender))), ratio]
    }

    /// A contender's ratios to the base.
    pub(crate) fn ratio(&self, n: usize, contender: Contender) -> Option<Spread> {
        Spread::of(ratios(&self.inside(n, contender), &self.inside(n, self.base)))
    }

    fn inside(&self, n: usize, contender: Contender) -> Vec<f64> {
        let boots = self.boots.get(&(n, contender)).into_iter().flatten();
        boots.map(|boot| boot.inside.as_secs_f64() * 1e3).collect()
    }

    /// Repetitions for each number of patches.
    pub(crate) fn repetitions(&self) -> String {
        let mut list: Vec<_> =
            self.boots.iter().map(|((n, _), boots)| format!("{} (N = {n})", boots.len())).collect();
        list.dedup();
        list.join(", ")
    }

    /// Every boot, as lines of comma-separated values.
    pub(crate) fn csv(&self) -> String {
        let mut csv = String::new();
        for ((n, contender), boots) in &self.boots {
            for (round, boot) in boots.iter().enumerate() {
                let (scenario, name) = (self.scenario, contender.name());
                let (inside, whole) = (boot.inside.as_secs_f64() * 1e3, boot.whole.as_secs_f64() * 1e3);
                let _ = writeln!(csv, "{scenario},{name},{n},{round},{inside:.3},{whole:.3}");
            }
        }
        csv
    }
}
