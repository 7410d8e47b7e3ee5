use std::fmt;
use std::str::FromStr;

use embed_migrate_core::{Error, ErrorKind};

/// The replication type of several servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Topology {
    /// There is one server, whatever is detected.
    Single,
    /// Each node gets every patch by itself: copies that share nothing, such as shards, or one server for each tenant.
    List,
    /// The nodes subscribe to the run's database by native logical replication. Patches take effect on all nodes at one
    /// moment; patches that change rows run on the publisher only.
    Logical,
    /// A cluster that Slony replicates; the run's server is the origin. It is also detected.
    Slony,
}

impl Topology {
    const ALL: [Topology; 4] = [Topology::Single, Topology::List, Topology::Logical, Topology::Slony];

    /// The word for it.
    #[doc(hidden)]
    pub const fn as_str(self) -> &'static str {
        match self {
            Topology::Single => "single",
            Topology::List => "list",
            Topology::Logical => "logical",
            Topology::Slony => "slony",
        }
    }
}

impl fmt::Display for Topology {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Topology {
    type Err = Error;

    fn from_str(word: &str) -> Result<Topology, Error> {
        Topology::ALL.into_iter().find(|topology| topology.as_str() == word).ok_or_else(|| {
            let words = Topology::ALL.map(|topology| format!("`{topology}`"));
            Error::new(ErrorKind::Settings, format!("`{word}` is not a topology"))
                .help(format!("the topologies are {}", words.join(", ")))
        })
    }
}
