use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// How a patch is applied; the names are those of Launchpad's tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// In one transaction, on the origin of a replicated set.
    Std,
    /// In one transaction on every node.
    Direct,
    /// Statement by statement outside a transaction, on every node.
    Concurrent,
}

impl Kind {
    /// The word in file names, in the lock file and in the history.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Std => "std",
            Kind::Direct => "direct",
            Kind::Concurrent => "concurrent",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = Error;

    fn from_str(word: &str) -> Result<Kind, Error> {
        match word {
            "std" => Ok(Kind::Std),
            "direct" => Ok(Kind::Direct),
            "concurrent" => Ok(Kind::Concurrent),
            _ => Err(Error::new(ErrorKind::Format, format!("`{word}` is not a kind of patch"))
                .help("the kinds are `std`, `direct` and `concurrent`")),
        }
    }
}
