use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// `major.minor.point`, the place of a patch in its bundle.
///
/// ```
/// use embed_migrate_core::Version;
///
/// let version: Version = "1.4.0".parse()?;
/// assert!(Version::new(1, 4, 1).follows(version));
/// assert!(Version::new(1, 5, 0).follows(version));
/// assert!(Version::new(2, 0, 0).follows(version));
/// assert!(!Version::new(1, 6, 0).follows(version));
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    /// A release, or the ordinal if a bundle numbers its patches.
    pub major: u32,
    /// A patch within the release.
    pub minor: u32,
    /// A hotfix of that patch; 0 is the patch itself.
    pub point: u32,
}

impl Version {
    /// The version `major.minor.point`.
    pub const fn new(major: u32, minor: u32, point: u32) -> Version {
        Version { major, minor, point }
    }

    /// Whether this version is a successor of `before`: anything else is a gap.
    pub fn follows(self, before: Version) -> bool {
        let Version { major, minor, point } = before;
        self == Version::new(major, minor, point.saturating_add(1))
            || self == Version::new(major, minor.saturating_add(1), 0)
            || self == Version::new(major.saturating_add(1), 0, 0)
    }

    /// Whether it may be applied after a higher minor or major.
    pub fn is_hotfix(self) -> bool {
        self.point > 0
    }

    /// The three numbers, as the history stores them.
    pub fn parts(self) -> [u32; 3] {
        [self.major, self.minor, self.point]
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.point)
    }
}

/// Reads `1.4.0`, and `1.4` and `1` as `1.4.0` and `1.0.0`.
impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Version, Error> {
        let mut parts = [0; 3];
        let mut words = text.split('.');
        for (index, part) in parts.iter_mut().enumerate() {
            match words.next() {
                Some(word) => *part = number(word).ok_or_else(|| malformed(text))?,
                None if index == 0 => return Err(malformed(text)),
                None => break,
            }
        }
        if words.next().is_some() {
            return Err(malformed(text));
        }
        let [major, minor, point] = parts;
        Ok(Version { major, minor, point })
    }
}

/// A number as file names and versions write it: digits only, leading zeros allowed, at most `i32::MAX`
/// because the history keeps it as PostgreSQL's `integer`.
pub(crate) fn number(word: &str) -> Option<u32> {
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    word.parse().ok().filter(|number| *number <= i32::MAX as u32)
}

fn malformed(text: &str) -> Error {
    Error::new(ErrorKind::Format, format!("`{text}` is not a version"))
        .help("a version is written `major.minor.point`, such as `1.4.0`; each part at most 2147483647")
}
