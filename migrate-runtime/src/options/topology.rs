use std::fmt;
use std::str::FromStr;

use embed_migrate_core::{Error, ErrorKind};

/// The replication type of several servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Topology {
    /// There is one, whatever else is found.
    Single,
    /// Each node by itself gets every patch: copies that share nothing, such as shards or a server a tenant.
    List,
    /// The nodes subscribe to the database of the run, by native logical replication: patches take hold on all of them at
    /// one moment, and what changes rows runs on that one only.
    Logical,
    /// A cluster that Slony replicates, of which a run is given the origin. It is found by looking as well.
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
            Error::new(ErrorKind::Settings, format!("`{word}` is no topology"))
                .help(format!("the topologies are {}", words.join(", ")))
        })
    }
}
