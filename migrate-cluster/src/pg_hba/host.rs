use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use embed_migrate_core::{Error, ErrorKind};

/// A host or a network that a user may connect from.
///
/// ```
/// use embed_migrate_cluster::Host;
///
/// for text in ["10.0.0.0/8", "192.168.1.7", "::1", "db.example", ".example", "any"] {
///     assert_eq!(text.parse::<Host>()?.to_string(), text);
/// }
/// assert_eq!("%".parse::<Host>()?, Host::Any);
/// # Ok::<(), embed_migrate_cluster::Error>(())
/// ```
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// Every host.
    Any,
    /// An address and the number of its leading bits. All bits mean one host.
    Network(IpAddr, u8),
    /// A host name, or, with a leading period, all names that end with it. The server resolves the name in both
    /// directions.
    Name(String),
}

impl FromStr for Host {
    type Err = Error;

    /// # Errors
    ///
    /// `Settings` for other text than `any` (or `%`), an address, a network such as `10.0.0.0/8`, a name, or
    /// `.domain`.
    fn from_str(text: &str) -> Result<Host, Error> {
        let host = match text {
            "any" | "%" => Some(Host::Any),
            _ => network(text).or_else(|| is_name(text).then(|| Host::Name(text.to_lowercase()))),
        };
        host.ok_or_else(|| {
            Error::new(ErrorKind::Settings, format!("`{text}` is not a host that a user can connect from")).help(
                "give an address (`192.168.1.7`), a network (`10.0.0.0/8`), a name (`db.example`), a domain \
                 (`.example`), or `any`",
            )
        })
    }
}

fn network(text: &str) -> Option<Host> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let whole = whole(address);
    let bits = bits.map_or(Some(whole), |bits| bits.parse().ok().filter(|bits| *bits <= whole))?;
    Some(Host::Network(address, bits))
}

/// The first bits of an address.
fn begin(address: IpAddr, bits: u8) -> u128 {
    let number = match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    number.checked_shr(128 - u32::from(bits)).unwrap_or(0)
}

fn whole(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

// A name that ends with digits only is a mistyped address. The listed words have another meaning in the file.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let name = text.strip_prefix('.').unwrap_or(text);
    let last = name.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && name.split('.').all(label)
        && !last.chars().all(|c| c.is_ascii_digit())
        && !["all", "samehost", "samenet"].contains(&text.to_lowercase().as_str())
}

impl Host {
    /// Whether it is this machine, by its loopback addresses.
    pub(crate) fn is_local(&self) -> bool {
        match self {
            Host::Any => false,
            Host::Network(address, bits) => {
                address.is_loopback() && *bits >= if address.is_ipv4() { 8 } else { 128 }
            }
            Host::Name(name) => name == "localhost",
        }
    }

    /// The loopback part of a host or network that has other addresses as well.
    pub(crate) fn local_part(&self) -> Vec<Host> {
        let loopback =
            [Host::Network([127, 0, 0, 0].into(), 8), Host::Network(Ipv6Addr::LOCALHOST.into(), 128)];
        loopback.into_iter().filter(|part| self.holds(part) && !self.is_local()).collect()
    }

    /// Whether it contains a whole network.
    fn holds(&self, part: &Host) -> bool {
        let (Host::Network(address, bits), Host::Network(inner, narrow)) = (self, part) else {
            return *self == Host::Any;
        };
        address.is_ipv4() == inner.is_ipv4()
            && bits <= narrow
            && begin(*address, *bits) == begin(*inner, *bits)
    }

    /// In the syntax of `pg_hba.conf`.
    pub(crate) fn written(&self) -> String {
        match self {
            Host::Any => "all".to_owned(),
            Host::Network(address, bits) => format!("{address}/{bits}"),
            Host::Name(name) => name.clone(),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Any => f.write_str("any"),
            Host::Network(address, bits) if *bits == whole(*address) => write!(f, "{address}"),
            Host::Network(address, bits) => write!(f, "{address}/{bits}"),
            Host::Name(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_host_is_refused() {
        for text in [
            "",
            "10.0.0.0/33",
            "10.0.0.256",
            "10.0.0",
            "::1/129",
            "a b",
            "a,b",
            "a\"b",
            "all",
            "samenet",
            ".",
            "a..b",
            "10.0.0.0/",
            "10.0.0.0/+8x",
            "a#b",
            "a\nb",
            "@file",
            "é.example",
            "10.%",
        ] {
            assert_eq!(text.parse::<Host>().unwrap_err().kind(), ErrorKind::Settings, "{text}");
        }
    }

    #[test]
    fn a_network_may_be_more_than_this_machine() {
        for (text, local, parts) in [
            ("127.0.0.1", true, 0),
            ("127.0.0.0/8", true, 0),
            ("::1", true, 0),
            ("localhost", true, 0),
            ("any", false, 2),
            ("0.0.0.0/0", false, 1),
            ("126.0.0.0/7", false, 1),
            ("::/0", false, 1),
            ("::/127", false, 1),
            ("10.0.0.0/8", false, 0),
            ("128.0.0.0/1", false, 0),
            ("db.example", false, 0),
        ] {
            let host: Host = text.parse().unwrap();
            assert_eq!((host.is_local(), host.local_part().len()), (local, parts), "{text}");
        }
    }
}
