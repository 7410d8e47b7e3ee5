use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// How far a patch's transaction is kept apart from others (PostgreSQL's manual, 13.2); a later one is stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Isolation {
    /// Each statement sees what was committed before it.
    #[default]
    ReadCommitted,
    /// All statements see what was committed before the first of them.
    RepeatableRead,
    /// The same, and as if all such transactions ran one after another.
    Serializable,
}

impl Isolation {
    /// All of them.
    const ALL: [Isolation; 3] =
        [Isolation::ReadCommitted, Isolation::RepeatableRead, Isolation::Serializable];

    /// As directives write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Isolation::ReadCommitted => "read committed",
            Isolation::RepeatableRead => "repeatable read",
            Isolation::Serializable => "serializable",
        }
    }
}

impl fmt::Display for Isolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Isolation {
    type Err = Error;

    fn from_str(text: &str) -> Result<Isolation, Error> {
        let words = text.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        Isolation::ALL.into_iter().find(|level| level.as_str() == words).ok_or_else(|| {
            Error::new(ErrorKind::Format, format!("`{text}` is not an isolation level")).help(
                "the levels are `read committed`, which is the default, `repeatable read` and `serializable`",
            )
        })
    }
}
