use std::fmt;
use std::str::FromStr;

use embed_migrate_core::{Error, ErrorKind, Result};

use crate::system::memory;

/// How much memory a server is meant to have, and the settings that follow from it.
///
/// ```
/// use embed_migrate_cluster::Flavor;
///
/// // By name, by number, by memory in MB.
/// let flavor: Flavor = "2GB".parse()?;
/// assert_eq!(flavor, "3".parse()?);
/// assert_eq!(flavor, "2048".parse()?);
/// assert_eq!((flavor.memory(), flavor.connections()), (2048, 200));
/// assert!(flavor.settings().contains(&("shared_buffers", "512MB".to_owned())));
/// # Ok::<(), embed_migrate_cluster::Error>(())
/// ```
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flavor {
    id: u32,
    name: &'static str,
    memory: u64,
    connections: u32,
}

const FLAVORS: [Flavor; 8] = [
    Flavor { id: 1, name: "512MB", memory: 512, connections: 50 },
    Flavor { id: 2, name: "1GB", memory: 1024, connections: 100 },
    Flavor { id: 3, name: "2GB", memory: 2048, connections: 200 },
    Flavor { id: 4, name: "4GB", memory: 4096, connections: 200 },
    Flavor { id: 5, name: "8GB", memory: 8192, connections: 300 },
    Flavor { id: 6, name: "16GB", memory: 16_384, connections: 400 },
    Flavor { id: 7, name: "32GB", memory: 32_768, connections: 500 },
    Flavor { id: 8, name: "64GB", memory: 65_536, connections: 500 },
];

/// The limit of maintenance memory, in MB: before version 17, PostgreSQL uses no more than 1 GB for a VACUUM.
const MAINTENANCE: u64 = 1024;

impl Flavor {
    /// All flavors, from the smallest to the largest.
    pub fn all() -> &'static [Flavor] {
        &FLAVORS
    }

    /// The smallest flavor.
    pub fn smallest() -> Flavor {
        let [smallest, ..] = FLAVORS;
        smallest
    }

    /// Its number, from 1.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its name, such as `2GB`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its memory in MB.
    pub fn memory(&self) -> u64 {
        self.memory
    }

    /// How many connections the server accepts.
    pub fn connections(&self) -> u32 {
        self.connections
    }

    /// A warning if the machine has less memory.
    pub fn warning(&self) -> Option<String> {
        self.exceeds(memory::memory()?)
    }

    fn exceeds(&self, machine: u64) -> Option<String> {
        (self.memory > machine).then(|| {
            format!(
                "the flavor {} is for {} MB of memory, and this machine has {machine} MB",
                self.name, self.memory
            )
        })
    }

    /// Adds the warning to the error of a server that does not start.
    pub(crate) fn explain(&self, error: Error) -> Error {
        match self.warning() {
            Some(warning) => {
                error.note(warning).help("take a smaller flavor (`cargo migrate instance flavors`)")
            }
            None => error,
        }
    }

    /// The parameters of `postgresql.conf` for this memory and number of connections.
    ///
    /// `shared_buffers` gets a quarter of the memory, and `effective_cache_size` is three quarters, as PostgreSQL's
    /// manual recommends (19.4.1 and 19.7.2). The rest is for sorts. Each connection may run a few at once, but
    /// connections seldom do so at the same time.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let megabytes = |amount: u64| format!("{amount}MB");
        let shared = self.memory / 4;
        let work = (self.memory - shared) * 1024 / (u64::from(self.connections) * 3);
        vec![
            ("max_connections", self.connections.to_string()),
            ("shared_buffers", megabytes(shared)),
            ("effective_cache_size", megabytes(self.memory * 3 / 4)),
            ("work_mem", format!("{work}kB")),
            ("maintenance_work_mem", megabytes((self.memory / 16).min(MAINTENANCE))),
        ]
    }
}

/// A name (`2GB`, or `2GB Instance`), a number (`3`), or memory in MB (`2048`).
impl FromStr for Flavor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Flavor> {
        let name = text.strip_suffix(" Instance").unwrap_or(text);
        let number: Option<u64> = text.parse().ok();
        let is_meant = |flavor: &&Flavor| {
            flavor.name.eq_ignore_ascii_case(name)
                || number == Some(u64::from(flavor.id))
                || number == Some(flavor.memory)
        };
        FLAVORS.iter().find(is_meant).copied().ok_or_else(|| {
            let all: Vec<String> = FLAVORS.iter().map(ToString::to_string).collect();
            Error::new(ErrorKind::NotFound, format!("there is no flavor `{text}`"))
                .help(format!("the flavors are {}; a number or the MB work as well", all.join(", ")))
        })
    }
}

impl fmt::Display for Flavor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_name_number_and_memory() {
        for flavor in Flavor::all() {
            for text in [flavor.name.to_owned(), flavor.id.to_string(), flavor.memory.to_string()] {
                assert_eq!(text.parse::<Flavor>().unwrap(), *flavor);
            }
            assert_eq!(format!("{flavor} Instance").parse::<Flavor>().unwrap(), *flavor);
        }
        for unknown in ["0", "3GB", "", "-1", "2048MB", "9"] {
            assert_eq!(unknown.parse::<Flavor>().unwrap_err().kind(), ErrorKind::NotFound, "{unknown}");
        }
    }

    #[test]
    fn more_memory_means_more_of_everything() {
        let amounts = |flavor: &Flavor| -> Vec<u64> {
            let digits = |text: &String| text.trim_end_matches(char::is_alphabetic).parse().unwrap();
            flavor.settings().iter().map(|(_, value)| digits(value)).collect()
        };
        for pair in FLAVORS.windows(2) {
            let grows = |name: usize| amounts(&pair[0])[name] <= amounts(&pair[1])[name];
            assert!((0..5).all(grows), "{pair:?}");
        }
        assert_eq!(amounts(&Flavor::smallest()), [50, 128, 384, 2621, 32]);
    }

    #[test]
    fn a_flavor_larger_than_the_machine_is_told_with_both_figures() {
        let flavor: Flavor = "8GB".parse().unwrap();
        let warning = "the flavor 8GB is for 8192 MB of memory, and this machine has 7857 MB";
        assert_eq!(flavor.exceeds(7857).as_deref(), Some(warning));
        assert_eq!(flavor.exceeds(8192), None);
    }
}
