use super::flavor::Flavor;
use crate::server::listen_address::{LOOPBACK, ListenAddress};

/// The options of a new instance.
///
/// ```
/// use embed_migrate_cluster::{Flavor, NewInstance};
///
/// let new = NewInstance::new("registry", "1GB".parse()?, 2).port(5433);
/// # Ok::<(), embed_migrate_cluster::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInstance {
    pub(crate) name: String,
    pub(crate) flavor: Flavor,
    pub(crate) volume: u64,
    pub(crate) port: Option<u16>,
    pub(crate) listen: Vec<ListenAddress>,
    pub(crate) stopped: bool,
}

impl NewInstance {
    /// An instance with this name, flavor and volume in GB (from 1 to the limit).
    pub fn new(name: impl Into<String>, flavor: Flavor, volume: u64) -> NewInstance {
        let listen = vec![LOOPBACK];
        NewInstance { name: name.into(), flavor, volume, port: None, listen, stopped: false }
    }

    /// Sets the port. The default is the first free one from 5433 on.
    pub fn port(mut self, port: u16) -> NewInstance {
        self.port = Some(port);
        self
    }

    /// Sets the addresses to listen on. The default is 127.0.0.1. For other machines, see
    /// [`NamedInstance::listen`](crate::NamedInstance::listen).
    #[doc(hidden)]
    pub fn listen(mut self, addresses: impl Into<Vec<ListenAddress>>) -> NewInstance {
        self.listen = addresses.into();
        self
    }

    /// Creates it without starting it, for a program that will [`hold`](crate::NamedInstance::hold) it.
    pub fn stopped(mut self) -> NewInstance {
        self.stopped = true;
        self
    }
}
