use std::fmt;
use std::str::FromStr;

use super::version::Version;
use crate::error::Error;

/// The oldest binary that may run against a patch's result: the last version of its bundle.
///
/// ```
/// use embed_migrate_core::{MinApp, Version};
///
/// let min_app: MinApp = "1.3.0".parse()?;
/// assert!(min_app.admits(Version::new(1, 3, 0)));
/// assert!(!min_app.admits(Version::new(1, 2, 9)));
/// assert!(MinApp::Any.admits(Version::new(0, 0, 0)));
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MinApp {
    /// Every binary may.
    Any,
    /// Only those whose bundle ends at this version or later.
    Version(Version),
}

impl MinApp {
    /// Whether a binary whose bundle ends at `head` may run, as far as that shows: if a hotfix is required, it
    /// must have that as well.
    pub fn admits(self, head: Version) -> bool {
        match self {
            MinApp::Any => true,
            MinApp::Version(version) => version <= head,
        }
    }
}

impl fmt::Display for MinApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MinApp::Any => f.write_str("any"),
            MinApp::Version(version) => version.fmt(f),
        }
    }
}

impl FromStr for MinApp {
    type Err = Error;

    fn from_str(text: &str) -> Result<MinApp, Error> {
        match text {
            "any" => Ok(MinApp::Any),
            _ => text.parse().map(MinApp::Version),
        }
    }
}
