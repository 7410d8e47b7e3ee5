use std::fmt;
use std::str::FromStr;

use embed_migrate_core::{Checksum, Error, ErrorKind, FactsRevision};

/// Which facts a database has, as its record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FactsRecord {
    pub(crate) number: u32,
    pub(crate) digest: Checksum,
    pub(crate) state: FactsCompletion,
}

/// How far they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FactsCompletion {
    /// They hold.
    Done,
    /// They hold, and may still change under their number: the lock file doesn't have them.
    Draft,
    /// What is built after the transaction is still open.
    Open,
}

impl FactsRecord {
    /// What is recorded of facts that were deployed, or verified.
    pub(crate) fn of(revision: &FactsRevision, open: bool) -> FactsRecord {
        let state = match (open, revision.is_draft()) {
            (true, _) => FactsCompletion::Open,
            (false, true) => FactsCompletion::Draft,
            (false, false) => FactsCompletion::Done,
        };
        FactsRecord { number: revision.number(), digest: revision.digest(), state }
    }

    /// Whether a binary with this revision has nothing to deploy: the database has it, or a later one.
    pub(crate) fn covers(&self, revision: &FactsRevision) -> bool {
        let same = self.number == revision.number() && self.digest == revision.digest();
        self.number > revision.number() || same && self.state != FactsCompletion::Open
    }

    /// Refuses facts whose number others have that were released.
    pub(crate) fn check(&self, bundle: &str, revision: &FactsRevision) -> Result<(), Error> {
        let other = self.number == revision.number() && self.digest != revision.digest();
        match other && self.state == FactsCompletion::Done && !revision.is_draft() {
            false => Ok(()),
            true => Err(Error::new(
                ErrorKind::Edited,
                format!("the database has other facts of bundle `{bundle}` under revision {}", self.number),
            )
            .note(format!("deployed were {}, the binary has {}", self.digest, revision.digest()))
            .help(
                "two branches locked different facts under one number: merge them, keep both `facts` lines of \
                 migrations.lock, and lock the result as the next revision (`cargo migrate lock`)",
            )),
        }
    }
}

impl fmt::Display for FactsRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            FactsCompletion::Done => "done",
            FactsCompletion::Draft => "draft",
            FactsCompletion::Open => "open",
        };
        write!(f, "{} {} {state}", self.number, self.digest)
    }
}

impl FromStr for FactsRecord {
    type Err = Error;

    fn from_str(text: &str) -> Result<FactsRecord, Error> {
        let wrong = || {
            Error::new(ErrorKind::Unsupported, "the record of deployed facts can't be understood")
                .note(text.to_owned())
                .help("a newer release of migrate may have written it")
        };
        let mut words = text.split(' ');
        let mut next = || words.next().ok_or_else(wrong);
        let number = next()?.parse().map_err(|_| wrong())?;
        let digest = next()?.parse()?;
        let state = match next()? {
            "done" => FactsCompletion::Done,
            "draft" => FactsCompletion::Draft,
            "open" => FactsCompletion::Open,
            _ => return Err(wrong()),
        };
        Ok(FactsRecord { number, digest, state })
    }
}
