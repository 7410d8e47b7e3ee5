//! What the project promises, held against what was measured.

use std::fmt::{self, Display};

use crate::{Spread, Table};

/// A table of bars: what, how much is allowed, what was measured.
#[derive(Default)]
pub struct Bars {
    rows: Vec<[String; 4]>,
}

impl Bars {
    /// A count that may be at most `bar`.
    pub fn count(&mut self, what: impl Into<String>, measured: u64, bar: u64) {
        self.row(what.into(), format!("at most {bar}"), measured.to_string(), measured <= bar);
    }

    /// A ratio of which the median may be at most `bar`; nothing if it was not measured.
    pub fn ratio(&mut self, what: impl Into<String>, measured: Option<Spread>, bar: f64) {
        let Some(spread) = measured else { return };
        self.row(what.into(), format!("at most {bar}"), spread.to_string(), spread.median <= bar);
    }

    /// Something that holds or doesn't.
    pub fn fact(&mut self, what: impl Into<String>, bar: &str, measured: impl Into<String>, holds: bool) {
        self.row(what.into(), bar.to_owned(), measured.into(), holds);
    }

    fn row(&mut self, what: String, bar: String, measured: String, met: bool) {
        self.rows.push([what, bar, measured, if met { "met" } else { "**missed**" }.to_owned()]);
    }
}

impl Display for Bars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new(["ours", "bar", "measured", ""]);
        self.rows.iter().for_each(|row| table.row(row));
        table.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_decides_and_the_bar_itself_is_met() {
        let mut bars = Bars::default();
        bars.count("trips", 6, 5);
        bars.ratio("time", Some(Spread { low: 1.0, median: 1.1, high: 1.3 }), 1.1);
        bars.ratio("not measured", None, 1.0);
        let rows: Vec<_> = bars.rows.iter().map(|row| row.join(" | ")).collect();
        assert_eq!(
            rows,
            ["trips | at most 5 | 6 | **missed**", "time | at most 1.1 | 1.10 [1.00–1.30] | met"]
        );
    }
}
