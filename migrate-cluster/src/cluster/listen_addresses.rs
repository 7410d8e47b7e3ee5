use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use embed_migrate_core::Result;
use tokio_postgres::Client;

use super::cluster::Cluster;
use crate::pg_hba::host::Host;
use crate::server::listen_address::ListenAddress;
use crate::server::server_error::server_error;
use crate::state::state_directory::INSTANCES;

/// The TCP addresses of a server.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenAddresses {
    /// The addresses; empty if it has its Unix socket only.
    pub addresses: Vec<ListenAddress>,
    /// The name of the instance, if the role may see it.
    pub instance: Option<String>,
}

// This gives no error if only superusers may see the paths.
const QUERY: &str = "SELECT max(setting) FILTER (WHERE name OPERATOR(pg_catalog.=) 'listen_addresses'), \
    max(setting) FILTER (WHERE name OPERATOR(pg_catalog.=) 'data_directory') FROM pg_catalog.pg_settings";

impl ListenAddresses {
    pub(crate) async fn of(client: &Client) -> Result<ListenAddresses> {
        let row = client.query_typed_one(QUERY, &[]).await;
        let read = row
            .and_then(|row| Ok((row.try_get::<_, Option<String>>(0)?, row.try_get::<_, Option<String>>(1)?)));
        let (addresses, data) = read.map_err(server_error("can't ask where the server listens"))?;
        let instance = data.as_deref().and_then(|data| instance(Path::new(data)));
        Ok(ListenAddresses { addresses: listening(&addresses.unwrap_or_default()), instance })
    }

    /// Whether a client on this host can reach the server.
    pub fn reaches(&self, host: &Host) -> bool {
        let bound = self.addresses.iter().flat_map(|address| address.bound());
        bound.into_iter().any(|address| {
            let same_family = match host {
                Host::Network(network, _) => network.is_ipv4() == address.is_ipv4(),
                Host::Any | Host::Name(_) => true,
            };
            let local = host.is_local() || !host.local_part().is_empty();
            let elsewhere = !host.is_local();
            same_family
                && match (address.is_loopback(), address.is_unspecified()) {
                    (true, _) => local,
                    (false, true) => true,
                    (false, false) => elsewhere,
                }
        })
    }

    /// Whether other machines can connect.
    pub(crate) fn is_open(&self) -> bool {
        !self.addresses.iter().all(ListenAddress::is_loopback)
    }
}

impl Cluster {
    /// The TCP addresses that the server listens on.
    ///
    /// # Errors
    ///
    /// The errors of [`Cluster::connect`].
    #[doc(hidden)]
    pub async fn listen_addresses(&self) -> Result<ListenAddresses> {
        ListenAddresses::of(&self.connect_outside(&[]).await?.client).await
    }
}

/// Parses the setting `listen_addresses`.
fn listening(setting: &str) -> Vec<ListenAddress> {
    let words = setting.split(',').map(str::trim).filter(|word| !word.is_empty());
    let loopback =
        || [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()].map(ListenAddress::At).to_vec();
    words
        .flat_map(|word| match word {
            "localhost" => loopback(),
            // Only the server can resolve other names.
            _ => vec![word.parse().unwrap_or(ListenAddress::Every)],
        })
        .collect()
}

/// The name of the instance with this data directory.
fn instance(data: &Path) -> Option<String> {
    let directory = data.parent().filter(|_| data.file_name().is_some_and(|name| name == "data"))?;
    let place = directory.parent()?.file_name()?;
    (place == INSTANCES).then(|| directory.file_name()?.to_str().map(str::to_owned)).flatten()
}

/// `127.0.0.1`, `its Unix socket`.
impl fmt::Display for ListenAddresses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.addresses.as_slice() {
            [] => f.write_str("its Unix socket"),
            addresses => {
                f.write_str(&addresses.iter().map(ListenAddress::to_string).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_reaches_a_server_depends_on_where_it_listens() {
        let all = [
            "127.0.0.1",
            "::1",
            "localhost",
            "10.0.0.0/8",
            "2001:db8::/32",
            "db.example",
            "0.0.0.0/0",
            "::/0",
            "any",
        ];
        for (addresses, reached) in [
            ("127.0.0.1", vec!["127.0.0.1", "localhost", "0.0.0.0/0", "any"]),
            ("localhost", vec!["127.0.0.1", "::1", "localhost", "0.0.0.0/0", "::/0", "any"]),
            ("10.0.0.5", vec!["10.0.0.0/8", "db.example", "0.0.0.0/0", "any"]),
            ("0.0.0.0", vec!["127.0.0.1", "localhost", "10.0.0.0/8", "db.example", "0.0.0.0/0", "any"]),
            ("*", all.to_vec()),
            ("", vec![]),
        ] {
            let listening = ListenAddresses { addresses: listening(addresses), instance: None };
            let hosts: Vec<&str> =
                all.into_iter().filter(|host| listening.reaches(&host.parse().unwrap())).collect();
            assert_eq!(hosts, reached, "{addresses}");
        }
    }

    #[test]
    fn an_instance_is_known_by_its_place() {
        assert_eq!(instance(Path::new("/srv/state/instances/demo/data")).as_deref(), Some("demo"));
        assert_eq!(instance(Path::new("/srv/state/demo/data")), None);
        assert_eq!(instance(Path::new("/srv/instances/demo/main")), None);
    }
}
