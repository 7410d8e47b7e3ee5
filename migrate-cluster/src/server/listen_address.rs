use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use migrate_core::{Error, ErrorKind};

/// An address that an instance listens on.
///
/// ```
/// use migrate_cluster::Listen;
///
/// for text in ["127.0.0.1", "::1", "10.0.0.5", "0.0.0.0", "*"] {
///     assert_eq!(text.parse::<Listen>()?.to_string(), text);
/// }
/// assert!("127.0.0.1".parse::<Listen>()?.is_loopback());
/// # Ok::<(), migrate_cluster::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Every address of the machine.
    Every,
    /// This one; `0.0.0.0` is every IPv4 address, and `::` every IPv6 address.
    At(IpAddr),
}

/// Where an instance listens unless somebody says otherwise.
pub(crate) const LOOPBACK: Listen = Listen::At(IpAddr::V4(Ipv4Addr::LOCALHOST));

impl Listen {
    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        matches!(self, Listen::At(address) if address.is_loopback())
    }

    /// The addresses that a server binds for it.
    pub(crate) fn bound(self) -> Vec<IpAddr> {
        match self {
            Listen::Every => vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()],
            Listen::At(address) => vec![address],
        }
    }

    /// Whether a server that listens here listens there too.
    fn covers(self, other: Listen) -> bool {
        match (self, other) {
            (Listen::Every, _) => true,
            (Listen::At(wide), Listen::At(narrow)) => {
                wide == narrow || (wide.is_unspecified() && wide.is_ipv4() == narrow.is_ipv4())
            }
            (Listen::At(_), Listen::Every) => false,
        }
    }
}

impl FromStr for Listen {
    type Err = Error;

    /// # Errors
    ///
    /// `Settings` for what is neither an IP address nor `*`.
    fn from_str(text: &str) -> Result<Listen, Error> {
        match text {
            "*" => Ok(Listen::Every),
            _ => text.parse().map(Listen::At).map_err(|_| {
                Error::new(
                    ErrorKind::Settings,
                    format!("`{text}` is no address that a server could listen on"),
                )
                .help("give an IP address of this machine (`127.0.0.1`, `10.0.0.5`, `::1`), or `*` for all")
            }),
        }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Every => f.write_str("*"),
            Listen::At(address) => write!(f, "{address}"),
        }
    }
}

/// Refuses to listen nowhere; gives the addresses without those that another one covers.
pub(crate) fn admit(addresses: &[Listen]) -> Result<Vec<Listen>, Error> {
    match addresses {
        [] => Err(Error::new(ErrorKind::Value, "an instance listens on at least one address")
            .help("give an IP address of this machine, such as `127.0.0.1`, or `*` for all")),
        addresses => Ok(distinct(addresses)),
    }
}

/// The addresses, with commas in between.
pub(crate) fn list(addresses: &[Listen]) -> String {
    addresses.iter().map(Listen::to_string).collect::<Vec<_>>().join(",")
}

/// The same addresses without those that another one covers: PostgreSQL can't bind both.
fn distinct(addresses: &[Listen]) -> Vec<Listen> {
    let mut distinct: Vec<Listen> = Vec::new();
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
        assert_eq!(admit(&[]).unwrap_err().kind(), ErrorKind::Value);
        assert_eq!(admit(&[LOOPBACK]).unwrap(), [LOOPBACK]);
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
            let given: Vec<Listen> = given.split(',').map(|word| word.parse().unwrap()).collect();
            assert_eq!(list(&distinct(&given)), kept);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["db.example", "localhost", "10.0.0.0/8", "", "10.0.0.5:5432", "fe80::1%eth0"] {
            assert_eq!(text.parse::<Listen>().unwrap_err().kind(), ErrorKind::Settings, "{text}");
        }
    }
}
