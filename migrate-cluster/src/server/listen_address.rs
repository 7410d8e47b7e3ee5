use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use embed_migrate_core::{Error, ErrorKind};

/// An address that an instance listens on.
///
/// ```
/// use embed_migrate_cluster::ListenAddress;
///
/// for text in ["127.0.0.1", "::1", "10.0.0.5", "0.0.0.0", "*"] {
///     assert_eq!(text.parse::<ListenAddress>()?.to_string(), text);
/// }
/// assert!("127.0.0.1".parse::<ListenAddress>()?.is_loopback());
/// # Ok::<(), embed_migrate_cluster::Error>(())
/// ```
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListenAddress {
    /// Every address of the machine.
    Every,
    /// One address. `0.0.0.0` means every IPv4 address, `::` every IPv6 address.
    At(IpAddr),
}

/// The default address of an instance.
pub(crate) const LOOPBACK: ListenAddress = ListenAddress::At(IpAddr::V4(Ipv4Addr::LOCALHOST));

impl ListenAddress {
    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        matches!(self, ListenAddress::At(address) if address.is_loopback())
    }

    /// The IP addresses that a server binds for it.
    pub(crate) fn bound(self) -> Vec<IpAddr> {
        match self {
            ListenAddress::Every => vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()],
            ListenAddress::At(address) => vec![address],
        }
    }

    /// Whether a server that listens on it listens on the other one too.
    fn covers(self, other: ListenAddress) -> bool {
        match (self, other) {
            (ListenAddress::Every, _) => true,
            (ListenAddress::At(wide), ListenAddress::At(narrow)) => {
                wide == narrow || (wide.is_unspecified() && wide.is_ipv4() == narrow.is_ipv4())
            }
            (ListenAddress::At(_), ListenAddress::Every) => false,
        }
    }
}

impl FromStr for ListenAddress {
    type Err = Error;

    /// # Errors
    ///
    /// `Settings` for text that is neither an IP address nor `*`.
    fn from_str(text: &str) -> Result<ListenAddress, Error> {
        match text {
            "*" => Ok(ListenAddress::Every),
            _ => text.parse().map(ListenAddress::At).map_err(|_| {
                Error::new(
                    ErrorKind::Settings,
                    format!("`{text}` is not an address that a server can listen on"),
                )
                .help("give an IP address of this machine (`127.0.0.1`, `10.0.0.5`, `::1`), or `*` for all")
            }),
        }
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ListenAddress::Every => f.write_str("*"),
            ListenAddress::At(address) => write!(f, "{address}"),
        }
    }
}

/// Refuses an empty list. Returns the addresses without those that another one covers.
pub(crate) fn check(addresses: &[ListenAddress]) -> Result<Vec<ListenAddress>, Error> {
    match addresses {
        [] => Err(Error::new(ErrorKind::Value, "an instance listens on at least one address")
            .help("give an IP address of this machine, such as `127.0.0.1`, or `*` for all")),
        addresses => Ok(distinct(addresses)),
    }
}

/// The addresses, separated by commas.
pub(crate) fn list(addresses: &[ListenAddress]) -> String {
    addresses.iter().map(ListenAddress::to_string).collect::<Vec<_>>().join(",")
}

/// The same addresses without those that another one covers: PostgreSQL can't bind both.
fn distinct(addresses: &[ListenAddress]) -> Vec<ListenAddress> {
    let mut distinct: Vec<ListenAddress> = Vec::new();
    for address in addresses {
        if !distinct.iter().any(|other| other.covers(*address)) {
            distinct.retain(|other| !address.covers(*other));
            distinct.push(*address);
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_listens_somewhere() {
        assert_eq!(check(&[]).unwrap_err().kind(), ErrorKind::Value);
        assert_eq!(check(&[LOOPBACK]).unwrap(), [LOOPBACK]);
    }

    #[test]
    fn what_another_address_covers_is_not_bound_twice() {
        for (given, kept) in [
            ("127.0.0.1", "127.0.0.1"),
            ("127.0.0.1,10.0.0.5,127.0.0.1", "127.0.0.1,10.0.0.5"),
            ("127.0.0.1,0.0.0.0,::1", "0.0.0.0,::1"),
            ("::,10.0.0.5,::1", "::,10.0.0.5"),
            ("127.0.0.1,::1,*", "*"),
        ] {
            let given: Vec<ListenAddress> = given.split(',').map(|word| word.parse().unwrap()).collect();
            assert_eq!(list(&distinct(&given)), kept);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["db.example", "localhost", "10.0.0.0/8", "", "10.0.0.5:5432", "fe80::1%eth0"] {
            assert_eq!(text.parse::<ListenAddress>().unwrap_err().kind(), ErrorKind::Settings, "{text}");
        }
    }
}
