//! Who takes how long.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use harness::{Result, Server, Shuffle, Spread, context, ratios};

use crate::process::{self, ProcessTimes, Work};
use crate::floor;
use crate::subject::Subject;

/// What was measured of a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Run {
    /// `psql -1` with the same SQL, into a fresh database.
    Floor,
    /// Deploying into a fresh database.
    First,
    /// Deploying once more.
    Second,
    /// Verifying.
    Verify,
}

impl Run {
    pub(crate) const ALL: [Run; 4] = [Run::Floor, Run::First, Run::Second, Run::Verify];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Run::Floor => "floor",
            Run::First => "first deploy",
            Run::Second => "second deploy",
            Run::Verify => "verify",
        }
    }
}

/// Every round of every run.
#[derive(Default)]
pub(crate) struct Times(BTreeMap<(Subject, Run), Vec<ProcessTimes>>);

impl Times {
    fn add(&mut self, subject: Subject, run: Run, spent: ProcessTimes) {
        self.0.entry((subject, run)).or_default().push(spent);
    }

    /// Milliseconds of each round.
    pub(crate) fn of(&self, subject: Subject, run: Run) -> Vec<f64> {
        self.rounds(subject, run).iter().map(|spent| spent.whole.as_secs_f64() * 1000.0).collect()
    }

    pub(crate) fn median(&self, subject: Subject, run: Run) -> Option<f64> {
        Some(Spread::of(self.of(subject, run))?.median)
    }

    /// The median milliseconds of one part of a run.
    pub(crate) fn part(&self, subject: Subject, run: Run, part: usize) -> Option<f64> {
        let parts = self.rounds(subject, run).iter().filter_map(|spent| spent.parts.get(part));
        Some(Spread::of(parts.map(|part| part.as_secs_f64() * 1000.0))?.median)
    }

    /// Of a run to the floor, within each round.
    pub(crate) fn to_floor(&self, subject: Subject, run: Run) -> Option<Spread> {
        Spread::of(ratios(&self.of(subject, run), &self.of(subject, Run::Floor)))
    }

    fn rounds(&self, subject: Subject, run: Run) -> &[ProcessTimes] {
        self.0.get(&(subject, run)).map(Vec::as_slice).unwrap_or_default()
    }

    /// Every single run, for whoever wants to look closer.
    pub(crate) fn csv(&self) -> String {
        let mut csv =
            "subject,run,round,process_ms,reading_ms,connecting_ms,working_ms,committing_ms\n".to_owned();
        for ((subject, run), rounds) in &self.0 {
            for (round, spent) in rounds.iter().enumerate() {
                let times = [spent.whole].into_iter().chain(spent.parts);
                let times: Vec<_> = times.map(|time| format!("{:.3}", time.as_secs_f64() * 1000.0)).collect();
                csv += &format!("{},{},{round},{}\n", subject.name(), run.name(), times.join(","));
            }
        }
        csv
    }
}

/// A subject that is ready to be deployed.
pub(crate) struct PreparedSubject {
    subject: Subject,
    directory: PathBuf,
    floor: PathBuf,
    rounds: usize,
}

/// Deploys a subject once, takes the floor's SQL from what that made, and holds the floor's database against the facts.
pub(crate) fn prepare(server: &Server, subject: Subject, rounds: usize, root: &Path) -> Result<PreparedSubject> {
    eprintln!("preparing {}", subject.name());
    let directory = subject.directory(root)?;
    server.create("made")?;
    process::run(Work::Deploy, &directory, &server.url("made"))?;
    let sql = floor::sql(&mut server.connect("made")?).map_err(context("the floor's SQL"))?;
    let floor = root.join(format!("{}.sql", subject.slug()));
    std::fs::write(&floor, sql).map_err(context(floor.display()))?;
    server.create("made")?;
    floor::run(&server.url("made"), &floor).map_err(context(floor.display()))?;
    process::run(Work::Verify, &directory, &server.url("made"))
        .map_err(context("what the floor makes is not what the facts say"))?;
    server.drop_database("made")?;
    Ok(PreparedSubject { subject, directory, floor, rounds })
}

/// All subjects, round by round; within a round in a random order, and so for the floor and ours within a subject.
pub(crate) fn measure(server: &Server, subjects: &[PreparedSubject], seed: u64) -> Result<Times> {
    let (mut times, mut shuffle) = (Times::default(), Shuffle::new(seed));
    let rounds = subjects.iter().map(|ready| ready.rounds).max().unwrap_or(0);
    for round in 0..rounds {
        eprintln!("round {} of {rounds}", round + 1);
        let mut due: Vec<&PreparedSubject> = subjects.iter().filter(|ready| round < ready.rounds).collect();
        shuffle.shuffle(&mut due);
        for ready in due {
            let mut firsts = [Run::Floor, Run::First];
            shuffle.shuffle(&mut firsts);
            for run in firsts.into_iter().chain([Run::Second, Run::Verify]) {
                let spent = once(server, ready, run).map_err(context(ready.subject.name()))?;
                times.add(ready.subject, run, spent);
            }
        }
    }
    Ok(times)
}

fn once(server: &Server, ready: &PreparedSubject, run: Run) -> Result<ProcessTimes> {
    let database = if run == Run::Floor { "psql" } else { "ours" };
    let url = server.url(database);
    if matches!(run, Run::Floor | Run::First) {
        server.create(database)?;
        // The first connection to a database makes files that speed up the others: nobody's cost here.
        server.connect(database)?.batch_execute("SELECT")?;
        server.admin("CHECKPOINT")?;
    }
    match run {
        Run::Floor => Ok(ProcessTimes { whole: floor::run(&url, &ready.floor)?, ..ProcessTimes::default() }),
        Run::First | Run::Second => process::run(Work::Deploy, &ready.directory, &url),
        Run::Verify => process::run(Work::Verify, &ready.directory, &url),
    }
}
