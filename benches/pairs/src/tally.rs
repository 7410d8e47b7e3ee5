use std::collections::BTreeMap;
use std::fmt;

use harness::Table;

use crate::outcome::{Direction, Finding, Outcome, CaseResult};

/// Numbers by suite.
pub(crate) struct Tally(BTreeMap<String, Count>);

#[derive(Default, Clone)]
struct Count {
    all: usize,
    loadable: usize,
    equal: usize,
    forth: OutcomeCounts,
    back: OutcomeCounts,
}

#[derive(Default, Clone)]
struct OutcomeCounts {
    reached: usize,
    rows: usize,
    lost: usize,
    failed: usize,
    other: usize,
    refused: usize,
    silent: usize,
}

impl Tally {
    /// Counts.
    pub(crate) fn of(findings: &[Finding]) -> Tally {
        let mut counts = BTreeMap::<String, Count>::new();
        for finding in findings {
            for suite in [finding.suite.as_str(), "~ all"] {
                counts.entry(suite.to_owned()).or_default().add(finding);
            }
        }
        Tally(counts)
    }
}

impl Count {
    fn add(&mut self, finding: &Finding) {
        self.all += 1;
        let CaseResult::Tried { equal, directions } = &finding.what else { return };
        self.loadable += 1;
        self.equal += usize::from(*equal);
        for (direction, outcome, _) in directions {
            let way = match direction {
                Direction::Forth => &mut self.forth,
                Direction::Back => &mut self.back,
            };
            *way.counter(outcome) += 1;
        }
    }
}

impl OutcomeCounts {
    fn counter(&mut self, outcome: &Outcome) -> &mut usize {
        match outcome {
            Outcome::Reached => &mut self.reached,
            Outcome::ReachedWithoutRows { .. } => &mut self.rows,
            Outcome::RowsLost { .. } => &mut self.lost,
            Outcome::SqlFailed { .. } => &mut self.failed,
            Outcome::OtherCatalog { .. } => &mut self.other,
            Outcome::Refused { .. } => &mut self.refused,
            Outcome::SilentMiss { .. } => &mut self.silent,
        }
    }

    fn cells(&self) -> [usize; 5] {
        [self.reached + self.rows + self.lost, self.failed, self.other, self.refused, self.silent]
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = "suite,all,loadable,equal,forth: reached,SQL failed,other,refused,silent,back: reached,SQL failed,other,refused,silent,over rows,rows lost";
        let mut table = Table::new(titles.split(','));
        for (suite, count) in &self.0 {
            let numbers = [count.all, count.loadable, count.equal].into_iter();
            let rows = [count.forth.rows + count.back.rows, count.forth.lost + count.back.lost];
            let numbers = numbers.chain(count.forth.cells()).chain(count.back.cells()).chain(rows);
            table.row(std::iter::once(suite.clone()).chain(numbers.map(|number| number.to_string())));
        }
        table.fmt(f)
    }
}
