use std::fmt;
use std::net::IpAddr;

use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// One server to try: a host's name, address, or the directory of its Unix socket, and the port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// The name that is looked up and that a certificate is held against; for a socket, its directory.
    pub(crate) host: String,
    /// The address to use instead of looking the name up.
    pub(crate) address: Option<IpAddr>,
    pub(crate) port: u16,
}

const PORT: u16 = 5432;

impl Endpoint {
    /// Whether it is a Unix socket.
    pub(crate) fn is_socket(&self) -> bool {
        self.address.is_none() && self.host.starts_with('/')
    }

    /// The name by which `.pgpass` knows it: libpq's default sockets are `localhost` there.
    pub(crate) fn passfile_name(&self) -> &str {
        match self.host.as_str() {
            "/var/run/postgresql" | "/run/postgresql" | "/tmp" => "localhost",
            host => host,
        }
    }

    /// The configuration for this server alone, at an address if it has one.
    pub(crate) fn config(&self, base: &Config, address: Option<IpAddr>) -> Config {
        let mut config = base.clone();
        config.host(&self.host).port(self.port);
        if let Some(address) = address {
            config.hostaddr(address);
        }
        config
    }
}

/// `host:port` with IPv6 in brackets, or the socket's path.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.as_str() {
            host if self.is_socket() => write!(f, "{host}/.s.PGSQL.{}", self.port),
            host if host.contains(':') => write!(f, "[{host}]:{}", self.port),
            host => write!(f, "{host}:{}", self.port),
        }
    }
}

/// The servers that a configuration names, or libpq's default one.
///
/// If hosts, addresses and ports differ in number, the missing ones are defaults; [`mismatch`] reports it.
pub(crate) fn read(config: &Config) -> Vec<Endpoint> {
    let hosts = config.get_hosts();
    let addresses = config.get_hostaddrs();
    let count = hosts.len().max(addresses.len()).max(1);
    let ports = config.get_ports();
    (0..count)
        .map(|i| {
            let address = addresses.get(i).copied();
            let port = ports.get(i).or(ports.first()).copied().unwrap_or(PORT);
            Endpoint { host: name(hosts.get(i), address), address, port }
        })
        .collect()
}

/// What is wrong with the numbers of hosts, addresses and ports, if anything.
pub(crate) fn mismatch(config: &Config) -> Option<String> {
    let (hosts, addresses) = (config.get_hosts().len(), config.get_hostaddrs().len());
    let (count, ports) = (hosts.max(addresses).max(1), config.get_ports().len());
    if hosts > 0 && addresses > 0 && hosts != addresses {
        return Some(format!("{hosts} hosts and {addresses} addresses (`hostaddr`) do not pair up"));
    }
    (ports > 1 && ports != count).then(|| format!("{ports} ports and {count} hosts do not pair up"))
}

fn name(host: Option<&Host>, address: Option<IpAddr>) -> String {
    match (host, address) {
        (Some(Host::Tcp(name)), _) if !name.is_empty() => name.clone(),
        #[cfg(unix)]
        (Some(Host::Unix(directory)), _) => directory.to_string_lossy().into_owned(),
        (_, Some(address)) => address.to_string(),
        (_, None) => default_host(),
    }
}

/// The directory where the server's package puts its socket, or what libpq itself would fall back to.
fn default_host() -> String {
    let directories = ["/var/run/postgresql", "/tmp"];
    let directory = directories.into_iter().find(|directory| std::path::Path::new(directory).is_dir());
    directory.filter(|_| cfg!(unix)).unwrap_or("localhost").to_owned()
}

/// The configuration without hosts, addresses, ports and password, for [`Endpoint::config`] to fill in.
///
/// It has no timeout either: ours covers the handshake and the login too, where theirs ends with the socket.
pub(crate) fn without_hosts(config: &Config) -> Config {
    let mut base = Config::new();
    base.ssl_negotiation(config.get_ssl_negotiation())
        .keepalives(config.get_keepalives())
        .keepalives_idle(config.get_keepalives_idle())
        .channel_binding(config.get_channel_binding());
    config.get_user().map(|user| base.user(user));
    config.get_dbname().map(|name| base.dbname(name));
    config.get_options().map(|options| base.options(options));
    config.get_application_name().map(|name| base.application_name(name));
    config.get_tcp_user_timeout().map(|timeout| base.tcp_user_timeout(*timeout));
    config.get_keepalives_interval().map(|interval| base.keepalives_interval(interval));
    config.get_keepalives_retries().map(|retries| base.keepalives_retries(retries));
    base
}
