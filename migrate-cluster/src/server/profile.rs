use std::path::PathBuf;
use std::time::Duration;

use super::listen_address::{LOOPBACK, ListenAddress};

/// The throwaway settings: a crash of the machine may lose everything, and nothing waits for a disk.
const THROWAWAY: [(&str, &str); 10] = [
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("synchronous_commit", "off"),
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("autovacuum", "off"),
    ("jit", "off"),
    ("shared_buffers", "16MB"),
    // Tests start 64 processes at once, each with a pool.
    ("max_connections", "200"),
    // In the data directory, so that nothing remains in /dev/shm after the server was killed.
    ("dynamic_shared_memory_type", "mmap"),
];

/// How a server is run: its settings, its port, how long a start may take.
///
/// ```
/// use embed_migrate_cluster::Profile;
///
/// // A throwaway server that a standby can follow.
/// let profile = Profile::throwaway().setting("wal_level", "replica").setting("max_wal_senders", "4");
/// ```
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Profile {
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) port: Option<u16>,
    pub(crate) listen: Vec<ListenAddress>,
    pub(crate) deadline: Duration,
    pub(crate) temporary: PathBuf,
    pub(crate) cache: Option<PathBuf>,
}

impl Profile {
    /// Whether other servers may replicate from it. They identify it by the system identifier that `initdb` gave it.
    pub(crate) fn replicates(&self) -> bool {
        let level = self.settings.iter().rfind(|(name, _)| name == "wal_level");
        level.is_none_or(|(_, value)| value != "minimal")
    }

    /// Whether other machines can reach it. Then it needs TLS.
    pub(crate) fn is_open(&self) -> bool {
        self.port.is_some() && !self.listen.iter().all(ListenAddress::is_loopback)
    }

    /// Durable: PostgreSQL's own settings.
    pub fn durable() -> Profile {
        Profile {
            settings: Vec::new(),
            port: None,
            listen: vec![LOOPBACK],
            deadline: Duration::from_secs(60),
            temporary: PathBuf::from("/tmp"),
            cache: None,
        }
    }

    /// As fast as possible, for tests: no fsync, minimal WAL, no autovacuum, 200 connections.
    ///
    /// Tests of crashes, replication or backups need other settings: see [`Profile::setting`].
    pub fn throwaway() -> Profile {
        let settings = THROWAWAY.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Profile { settings: settings.into(), ..Profile::durable() }
    }

    /// Sets a parameter of `postgresql.conf`. A later value replaces an earlier one. [`Profile::port`] sets the port.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Profile {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Listens on this TCP port of 127.0.0.1 as well; 0 means a free one. By default it listens on its Unix socket
    /// only.
    ///
    /// On TCP, a [`Throwaway`](crate::Throwaway) needs no password, and an [`Instance`](crate::Instance) asks for one
    /// (scram-sha-256).
    pub fn port(mut self, port: u16) -> Profile {
        self.port = Some(port);
        self
    }

    /// How long a start may take, including crash recovery, and a stop before it becomes an immediate one; 60 s by
    /// default.
    pub fn deadline(mut self, deadline: Duration) -> Profile {
        self.deadline = deadline;
        self
    }

    /// The directory for throwaway servers if `/dev/shm` is too small, and for a socket whose path would be too long
    /// in the state directory; `/tmp` by default.
    pub fn temporary(mut self, directory: impl Into<PathBuf>) -> Profile {
        self.temporary = directory.into();
        self
    }

    /// The directory for images of clusters, so that a throwaway server needs no `initdb`: at most 12 of some 8 MB
    /// each. The default is `/var/tmp/migrate-UID`, with the id of this user.
    ///
    /// It is created if it does not exist. If it can't be used, or others can write to it, throwaway servers start
    /// without images, which is slower.
    ///
    /// [`Profile::cache_error`] says whether it can be used.
    pub fn cache(mut self, directory: impl Into<PathBuf>) -> Profile {
        self.cache = Some(directory.into());
        self
    }
}
