use std::fmt;
use std::str::FromStr;

use embed_migrate_core::{Checksum, Error, ErrorKind, MinApp, Version};

/// Which patches of a bundle a database has, as its record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PatchesRecord {
    pub(crate) digest: Checksum,
    /// `None` if the bundle has facts and no patches.
    pub(crate) head: Option<Version>,
    pub(crate) min_app: MinApp,
    /// Whether some were applied since, or are being applied.
    pub(crate) interrupted: bool,
}

/// The mark before the other words while a run is active.
pub(crate) const INTERRUPTED: &str = "interrupted ";

impl fmt::Display for PatchesRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let PatchesRecord { digest, head, min_app, interrupted } = self;
        f.write_str(if *interrupted { INTERRUPTED } else { "" })?;
        match head {
            Some(head) => write!(f, "{digest} {head} {min_app}"),
            None => write!(f, "{digest} none {min_app}"),
        }
    }
}

impl FromStr for PatchesRecord {
    type Err = Error;

    fn from_str(text: &str) -> Result<PatchesRecord, Error> {
        let stripped = text.strip_prefix(INTERRUPTED);
        let mut words = stripped.unwrap_or(text).split(' ');
        let (Some(digest), Some(head), Some(min_app), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the record of applied patches can't be understood",
            )
            .note(text.to_owned())
            .help("a newer release of migrate may have written it"));
        };
        Ok(PatchesRecord {
            digest: digest.parse()?,
            head: if head == "none" { None } else { Some(head.parse()?) },
            min_app: min_app.parse()?,
            interrupted: stripped.is_some(),
        })
    }
}
