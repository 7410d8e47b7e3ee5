use std::fmt;
use std::str::FromStr;

use embed_migrate_core::{Error, ErrorKind, Result, Version};

/// A version, or one of the words `head` and `base` for the two ends of a bundle, as other tools have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VersionSpec {
    /// The patch of this version.
    Version(Version),
    /// The last patch.
    Head,
    /// Before the first patch.
    Base,
}

impl VersionSpec {
    /// The version that it means in a bundle with this last version.
    ///
    /// # Errors
    ///
    /// `Missing` for `base`, and for `head` of a bundle without patches.
    pub(crate) fn of(self, last: Option<Version>) -> Result<Version> {
        match (self, last) {
            (VersionSpec::Version(version), _) => Ok(version),
            (VersionSpec::Head, Some(last)) => Ok(last),
            (VersionSpec::Head, None) => {
                Err(Error::new(ErrorKind::Missing, "there is no `head`: the bundle has no patches")
                    .help("write one (`cargo migrate new`)"))
            }
            (VersionSpec::Base, last) => {
                let error =
                    Error::new(ErrorKind::Missing, "`base` is before the first patch: no patch is there");
                Err(match last {
                    Some(last) => error.help(format!("name a patch; the last one, `head`, is `{last}`")),
                    None => error.help("write a patch (`cargo migrate new`)"),
                })
            }
        }
    }
}

impl FromStr for VersionSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<VersionSpec> {
        match text {
            "head" => Ok(VersionSpec::Head),
            "base" => Ok(VersionSpec::Base),
            version => match version.parse() {
                Ok(version) => Ok(VersionSpec::Version(version)),
                Err(_) => Err(Error::new(ErrorKind::Format, format!("`{text}` is not a version")).help(
                    "a version is written `major.minor.point`, such as `1.4.0`; each part at most 2147483647; the last one \
                     is `head`, and `base` is before the first one",
                )),
            },
        }
    }
}

impl fmt::Display for VersionSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VersionSpec::Version(version) => version.fmt(f),
            VersionSpec::Head => f.write_str("head"),
            VersionSpec::Base => f.write_str("base"),
        }
    }
}
