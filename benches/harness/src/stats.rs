//! Medians and quartiles, of times and of paired ratios.

use std::fmt;

/// The middle half of some measurements.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The lower quartile.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// The upper quartile.
    pub high: f64,
}

impl Spread {
    /// None of nothing. Between two measurements, linearly.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
        let mut values: Vec<_> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        let last = values.len().checked_sub(1)?;
        let at = |part: f64| {
            let place = part * last as f64;
            let (below, above) = (place.floor(), place.ceil());
            let (low, high) = (values.get(below as usize)?, values.get(above as usize)?);
            Some(low + (high - low) * (place - below))
        };
        Some(Spread { low: at(0.25)?, median: at(0.5)?, high: at(0.75)? })
    }
}

impl fmt::Display for Spread {
    /// Three significant digits: the median, and the quartiles in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = |value: f64| match value {
            value if value < 10.0 => format!("{value:.2}"),
            value if value < 100.0 => format!("{value:.1}"),
            value => format!("{value:.0}"),
        };
        write!(f, "{} [{}–{}]", digits(self.median), digits(self.low), digits(self.high))
    }
}

/// Each measurement divided by the other of its round.
pub fn ratios<'a>(values: &'a [f64], base: &'a [f64]) -> impl Iterator<Item = f64> + 'a {
    values.iter().zip(base).map(|(value, base)| value / base)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_lie_between_measurements() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([4.0]), Some(Spread { low: 4.0, median: 4.0, high: 4.0 }));
        assert_eq!(Spread::of([4.0, 1.0, 3.0, 2.0]), Some(Spread { low: 1.75, median: 2.5, high: 3.25 }));
    }

    #[test]
    fn a_ratio_is_taken_within_its_round() {
        assert_eq!(ratios(&[2.0, 30.0], &[1.0, 10.0]).collect::<Vec<_>>(), [2.0, 3.0]);
    }
}
