use std::fmt::Write as _;

use harness::{Bars, Result, Spread, Table, Versions, binaries};

use crate::hundred_tests::{TestTimes, Contender};
use crate::server_times::{ServerTimes, Metric};

/// All that was measured.
pub(crate) struct Measurements<'a> {
    pub(crate) server_times: &'a ServerTimes,
    pub(crate) hundred: &'a TestTimes,
    /// Milliseconds until all was gone.
    pub(crate) kills: &'a [f64],
}

const READING: &str = "\
*Floor* is the least that it takes: a cluster without the databases that nobody asked for, unpacked from one file by two \
threads while the server starts, no guard, no lock, a client that speaks just enough of the protocol; for attaching, a connection \
and `SELECT 1`. *Ours* is `Throwaway::start`, the same with a database of 100 patches (a `CREATE TABLE` and a `CREATE INDEX` \
each), and `Shared::join`. Both are removed to the last file in the end. All of that runs in one process, in rounds in a \
random order; times are medians with their quartiles, ratios are taken within each round, and then their median. The *hundred \
tests* insert a row and count it, on two threads; times are those of the whole program, as cargo runs it, by the number \
of tests. Ours and the floor start their server from an image within that time; that of `sqlx::test` runs already, in memory \
with fsync off, and it migrates each database anew. *After SIGKILL* is the time until the guard, the server \
and their directory are gone; tests are killed at moments from 0 to 200 ms after their start, every other one with its group.";

impl Measurements<'_> {
    pub(crate) fn section(&self, command: &str, seed: u64) -> Result<String> {
        let version = std::process::Command::new(binaries()?.join("postgres")).arg("--version").output()?;
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        let version = version.split_whitespace().nth(2).unwrap_or_default().to_owned();
        let mut text = format!(
            "## Servers and databases for tests\n\n{} · PostgreSQL {version} · {} · {}, {} · {} processors · seed {seed} · in `benches/`:\n\n```console\n$ {}\n```\n\n{READING}\n",
            Versions::today()?,
            Versions::rustc()?,
            Versions::read()?.of("tokio-postgres"),
            Versions::read()?.of("sqlx"),
            Versions::processors(),
            command.trim_end_matches([' ', '-']),
        );
        let _ = write!(text, "\n### The bars\n\n{}", self.bars());
        let _ = write!(text, "\n### Servers, ms\n\n{}", self.servers());
        let _ = write!(text, "\n### A hundred tests, ms a test\n\n{}", self.tests());
        Ok(text)
    }

    fn bars(&self) -> Bars {
        let mut bars = Bars::default();
        for what in Metric::ALL {
            bars.ratio(format!("{}: time × floor", what.name()), self.server_times.to_floor(what), 1.15);
        }
        if let Some(first) =
            self.server_times.ours.get(&Metric::First).and_then(|times| Spread::of(times.iter().copied()))
        {
            bars.fact(
                format!("{}, ms", Metric::First.name()),
                "less than 1000",
                first.to_string(),
                first.median < 1000.0,
            );
        }
        bars.ratio("a test of a hundred: time × floor", self.hundred.to(Contender::Ours, Contender::Floor), 1.15);
        if let Some(longest) = self.kills.iter().copied().reduce(f64::max) {
            let what =
                format!("after SIGKILL to a test or its group, the longest of {}, ms", self.kills.len());
            bars.fact(what, "at most 100", format!("{longest:.0}"), longest <= 100.0);
        }
        bars
    }

    fn servers(&self) -> Table {
        let mut table = Table::new(["", "floor", "ours", "× floor", "rounds"]);
        for what in Metric::ALL {
            let shown = |times: Option<&Vec<f64>>| {
                times
                    .and_then(|times| Spread::of(times.iter().copied()))
                    .map(|spread| spread.to_string())
                    .unwrap_or_default()
            };
            let (floor, ours) = (self.server_times.floor.get(&what), self.server_times.ours.get(&what));
            let ratio = self.server_times.to_floor(what).map(|ratio| ratio.to_string()).unwrap_or_default();
            let rounds = ours.map_or(0, Vec::len).to_string();
            table.row([what.name().to_owned(), shown(floor), shown(ours), ratio, rounds]);
        }
        table
    }

    fn tests(&self) -> Table {
        let mut table = Table::new(["", "a test", "× floor", "rounds"]);
        for who in Contender::ALL {
            let time = Spread::of(self.hundred.of(who).iter().copied());
            let ratio = self.hundred.to(who, Contender::Floor).filter(|_| who != Contender::Floor);
            let shown = |spread: Option<Spread>| spread.map(|spread| spread.to_string()).unwrap_or_default();
            table.row([
                who.name().to_owned(),
                shown(time),
                shown(ratio),
                self.hundred.of(who).len().to_string(),
            ]);
        }
        table
    }

    /// Every single measurement, for whoever wants to look closer.
    pub(crate) fn csv(&self) -> String {
        let mut csv = "what,who,round,ms\n".to_owned();
        let server_times = [("floor", &self.server_times.floor), ("ours", &self.server_times.ours)];
        for (who, times) in server_times {
            for (what, times) in times {
                for (round, time) in times.iter().enumerate() {
                    csv += &format!("\"{}\",{who},{round},{time:.3}\n", what.name());
                }
            }
        }
        for (who, times) in &self.hundred.0 {
            for (round, time) in times.iter().enumerate() {
                csv += &format!("a test of a hundred,{},{round},{time:.3}\n", who.name());
            }
        }
        for (round, time) in self.kills.iter().enumerate() {
            csv += &format!("gone after SIGKILL,ours,{round},{time:.3}\n");
        }
        csv
    }
}
