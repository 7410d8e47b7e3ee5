use std::fmt::Write as _;

use harness::{Bars, Result, Spread, Table, Versions};

use crate::process::PARTS;
use crate::subject::Subject;
use crate::timing::{Run, Times};
use crate::round_trips::{self, RoundTrips};

/// All that was measured.
pub(crate) struct Measurements<'a> {
    pub(crate) subjects: &'a [Subject],
    pub(crate) times: &'a Times,
    pub(crate) trips: &'a [RoundTrips],
}

const READING: &str = "\
*Floor* is `psql -1` with the same final DDL and rows: the SQL is made from the database that ours deployed, each table whole \
with its constraints, all DDL as one message, then COPY for each table that has rows, then triggers. Work it makes is held against \
the facts before anything is timed. *First* is into a fresh database, *second* and *verify* find everything true. All are processes, \
timed from before they are started to after they ended: ours reads the files, connects, deploys, verifies and commits. Times are medians with their \
quartiles; ratios are taken within each round, in which floor and first run in a random order, and then their median. The server keeps its files in memory unless `--disk` is \
said: on a disk, making and syncing files would be nearly all there is to see of a first deploy, the same for both. \
*rex.deploy* is not run here: what was recorded of it on such a machine; *times faster* are to the lower end of that.";

impl Measurements<'_> {
    pub(crate) fn section(&self, server: &str, command: &str, seed: u64) -> Result<String> {
        let mut text = format!(
            "## Facts\n\n{} · {server} · {} · {} · {} processors · seed {seed} · in `benches/`:\n\n```console\n$ {}\n```\n\n{READING}\n",
            Versions::today()?,
            Versions::rustc()?,
            Versions::read()?.of("tokio-postgres"),
            Versions::processors(),
            command.trim_end_matches([' ', '-']),
        );
        let _ = write!(text, "\n### The bars\n\n{}", self.bars());
        let _ = write!(text, "\n### Time, ms\n\n{}", self.timed());
        let _ = write!(text, "\n### Beside rex.deploy, s\n\n{}", self.recorded());
        let _ = write!(text, "\n### Where the time of ours goes, ms\n\n{}", self.parts());
        let _ = write!(text, "\n### How the cost grows\n\n{}", self.growth());
        let _ = write!(text, "\n### Round trips, beyond connecting\n\n{}", round_trips::table(self.trips));
        Ok(text)
    }

    fn bars(&self) -> Bars {
        let mut bars = Bars::default();
        for subject in self.subjects.iter().copied() {
            let ratio = self.times.to_floor(subject, Run::First);
            bars.ratio(format!("{}, first deploy: time × floor", subject.name()), ratio, 1.5);
        }
        for subject in self.subjects.iter().copied() {
            let Some(recorded) = subject.recorded() else { continue };
            let data = matches!(subject, Subject::Rows(_)).then_some((Run::First, recorded.first));
            for (run, (low, _)) in data.into_iter().chain([(Run::Second, recorded.second)]) {
                let Some(median) = self.times.median(subject, run) else { continue };
                let faster = low * 1000.0 / median;
                let what = format!("{}, {}: times faster than rex.deploy", subject.name(), run.name());
                bars.fact(what, "at least 10", format!("{faster:.1}"), faster >= 10.0);
            }
        }
        round_trips::bars(&mut bars, self.trips);
        bars
    }

    fn timed(&self) -> Table {
        let mut table =
            Table::new(["", "floor", "first deploy", "× floor", "second deploy", "verify", "rounds"]);
        for subject in self.subjects.iter().copied() {
            let shown = |spread: Option<Spread>| spread.map(|spread| spread.to_string()).unwrap_or_default();
            let time = |run| shown(Spread::of(self.times.of(subject, run)));
            table.row([
                subject.name(),
                time(Run::Floor),
                time(Run::First),
                shown(self.times.to_floor(subject, Run::First)),
                time(Run::Second),
                time(Run::Verify),
                self.times.of(subject, Run::First).len().to_string(),
            ]);
        }
        table
    }

    fn recorded(&self) -> Table {
        let mut table =
            Table::new(["", "rex.deploy, first", "ours", "times faster", "second", "ours", "times faster"]);
        for subject in self.subjects.iter().copied() {
            let Some(recorded) = subject.recorded() else { continue };
            let mut row = vec![subject.name()];
            for (run, (low, high)) in [(Run::First, recorded.first), (Run::Second, recorded.second)] {
                let ours = self.times.median(subject, run).unwrap_or_default() / 1000.0;
                let said = if low == high { format!("{low:.1}") } else { format!("{low:.1}–{high:.1}") };
                row.extend([said, format!("{ours:.3}"), format!("{:.0}", low / ours)]);
            }
            table.row(row);
        }
        table
    }

    fn parts(&self) -> Table {
        let mut titles = vec!["", ""];
        titles.extend(PARTS);
        let mut table = Table::new(titles);
        for subject in self.subjects.iter().copied() {
            for run in [Run::First, Run::Second, Run::Verify] {
                let mut row = vec![subject.name(), run.name().to_owned()];
                row.extend((0..PARTS.len()).map(|part| {
                    self.times.part(subject, run, part).map(|part| format!("{part:.1}")).unwrap_or_default()
                }));
                table.row(row);
            }
        }
        table
    }

    /// What one more table or row costs, between one number and the next.
    fn growth(&self) -> Table {
        let mut titles = vec!["from, to".to_owned()];
        titles.extend(Run::ALL.map(|run| run.name().to_owned()));
        let mut table = Table::new(titles);
        for two in self.subjects.windows(2) {
            let [from, to] = two else { continue };
            let (less, more, unit, each) = match (from, to) {
                (Subject::Tables(less), Subject::Tables(more)) => (*less, *more, "ms a table", 1.0),
                (Subject::Rows(less), Subject::Rows(more)) => (*less, *more, "µs a row", 1000.0),
                _ => continue,
            };
            let mut row = vec![format!("{less}, {more}: {unit}")];
            row.extend(Run::ALL.map(|run| {
                let (before, after) = (self.times.median(*from, run), self.times.median(*to, run));
                let grown = before
                    .zip(after)
                    .map(|(before, after)| (after - before) * each / more.abs_diff(less).max(1) as f64);
                grown.map(|grown| format!("{grown:.2}")).unwrap_or_default()
            }));
            table.row(row);
        }
        table
    }
}
