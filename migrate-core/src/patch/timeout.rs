use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use crate::error::{Error, ErrorKind};

/// A time limit, written as PostgreSQL writes it: a whole number and `ms`, `s`, `min`, `h` or `d`; 0 means
/// no limit.
///
/// ```
/// use embed_migrate_core::Timeout;
///
/// assert_eq!("10min".parse::<Timeout>()?.milliseconds(), 600_000);
/// assert_eq!(Timeout::from(std::time::Duration::from_secs(2)).to_string(), "2000ms");
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timeout(u32);

const UNITS: [(&str, u32); 5] =
    [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl Timeout {
    /// No limit.
    pub const NONE: Timeout = Timeout(0);

    /// A limit in milliseconds; 0 means none.
    pub const fn new(milliseconds: u32) -> Timeout {
        Timeout(milliseconds)
    }

    /// The limit in milliseconds; 0 means none.
    pub fn milliseconds(self) -> u32 {
        self.0
    }

    /// The limit as a duration; zero means none.
    pub fn duration(self) -> Duration {
        Duration::from_millis(u64::from(self.0))
    }
}

/// Rounds to milliseconds, and to the 24 days that PostgreSQL can hold.
impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Timeout {
        let most = i32::MAX as u128;
        let whole = duration.as_millis().min(most);
        // Less than a millisecond would become "no limit".
        let at_least = if duration.is_zero() { 0 } else { whole.max(1) };
        Timeout(u32::try_from(at_least).unwrap_or(i32::MAX as u32))
    }
}

impl fmt::Display for Timeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}ms", self.0)
    }
}

impl FromStr for Timeout {
    type Err = Error;

    fn from_str(text: &str) -> Result<Timeout, Error> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, unit) = text.split_at(digits);
        let factor = UNITS.iter().find(|(name, _)| *name == unit.trim()).map(|(_, factor)| *factor);
        let product =
            number.parse::<u32>().ok().zip(factor).and_then(|(number, factor)| number.checked_mul(factor));
        product.filter(|milliseconds| *milliseconds <= i32::MAX as u32).map(Timeout).ok_or_else(|| {
            Error::new(ErrorKind::Format, format!("`{text}` is not a time limit"))
                .help("a time limit is a whole number and ms, s, min, h or d, such as `2s`; at most 24d")
        })
    }
}
