use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;

use super::endpoint;
use super::endpoint::Endpoint;
use super::origin::ValueOrigin;
use super::sslmode::SslMode;
use super::target::TargetSession;

/// Everything it takes to connect to a database, with the meaning that libpq gives it.
///
/// Made by [`Settings::parse`], or from a [`tokio_postgres::Config`]. The password is neither in
/// `Display` nor in `Debug`.
#[derive(Clone)]
pub struct Settings {
    /// User, database and all that is the same for each host; no hosts, no password.
    pub(crate) base: Config,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) password: Option<(Vec<u8>, ValueOrigin)>,
    /// The password file, and who named it: it need not exist if nobody did.
    pub(crate) passfile: Option<(PathBuf, Option<ValueOrigin>)>,
    pub(crate) ssl: TlsSettings,
    /// For each attempt at an address; `None` waits for ever.
    pub(crate) timeout: Option<Duration>,
    /// Whether hosts and their addresses are tried in random order.
    pub(crate) shuffle: bool,
    pub(crate) target: TargetSession,
    /// What an error of connecting says besides.
    pub(crate) note: Option<String>,
}

/// What TLS needs to know.
#[derive(Debug, Clone, Default)]
#[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "read by TLS only"))]
pub(crate) struct TlsSettings {
    pub(crate) mode: SslMode,
    pub(crate) roots: RootCertificates,
    /// The client's certificate and key; neither needs to exist.
    pub(crate) certificate: Option<PathBuf>,
    pub(crate) key: Option<PathBuf>,
    /// Whether the handshake comes first (`sslnegotiation=direct`).
    pub(crate) direct: bool,
}

/// Which roles are trusted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum RootCertificates {
    /// Nobody in particular.
    #[default]
    Unset,
    /// The certificates in a file, if it exists.
    File(PathBuf),
    /// The operating system's trust store.
    System,
}

/// A boot must not hang: how long an attempt may take if nobody said.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);

impl Settings {
    /// The database's name.
    #[doc(hidden)]
    pub fn database(&self) -> &str {
        self.base.get_dbname().unwrap_or_else(|| self.user())
    }

    /// The role's name.
    #[doc(hidden)]
    pub fn user(&self) -> &str {
        self.base.get_user().unwrap_or_default()
    }

    /// How far connections are encrypted and servers verified.
    #[doc(hidden)]
    pub fn ssl_mode(&self) -> SslMode {
        self.ssl.mode
    }

    /// The same, for another database of the same server.
    ///
    /// ```
    /// use embed_migrate_runtime::Settings;
    ///
    /// let settings = Settings::parse("postgresql://ann@db.example/demo", &|_| None)?;
    /// assert_eq!(settings.with_database("postgres").to_string(), "ann@db.example:5432/postgres");
    /// # Ok::<(), embed_migrate_core::Error>(())
    /// ```
    pub fn with_database(&self, name: impl Into<String>) -> Settings {
        let mut settings = self.clone();
        settings.base.dbname(name);
        settings
    }

    /// The same, with what an error of connecting is to say besides: why it was tried there, such as that a variable is not set.
    #[doc(hidden)]
    pub fn note(mut self, note: impl Into<String>) -> Settings {
        self.note = Some(note.into());
        self
    }

    /// The same, with the name that the server shows in `pg_stat_activity`, whatever was configured.
    #[doc(hidden)]
    pub fn application_name(mut self, name: impl Into<String>) -> Settings {
        self.base.application_name(name);
        self
    }
}

/// The settings of a [`Config`]: its `sslmode`, hosts and all; what it leaves open is libpq's default, but
/// no file in the home directory is read.
///
/// ```
/// use embed_migrate_runtime::Settings;
///
/// let mut config = tokio_postgres::Config::new();
/// config.host("db.example").user("ann").password("secret").dbname("demo");
/// assert_eq!(Settings::from(config).to_string(), "ann@db.example:5432/demo");
/// ```
impl From<Config> for Settings {
    fn from(config: Config) -> Settings {
        let mut base = endpoint::without_hosts(&config);
        if base.get_user().is_none() {
            base.user(whoami::username().unwrap_or_default());
        }
        Settings {
            endpoints: endpoint::read(&config),
            password: config.get_password().map(|password| (password.to_vec(), ValueOrigin::Config)),
            passfile: None,
            ssl: TlsSettings {
                mode: config.get_ssl_mode().into(),
                direct: config.get_ssl_negotiation() == tokio_postgres::config::SslNegotiation::Direct,
                ..TlsSettings::default()
            },
            timeout: Some(config.get_connect_timeout().copied().unwrap_or(TIMEOUT)),
            target: config.get_target_session_attrs().into(),
            shuffle: config.get_load_balance_hosts() == tokio_postgres::config::LoadBalanceHosts::Random,
            note: None,
            base,
        }
    }
}

impl Settings {
    /// The same for each host by itself, whatever it is, if there are several.
    pub(crate) fn hosts(&self) -> Vec<Settings> {
        let alone = |endpoint: &Endpoint| Settings {
            endpoints: vec![endpoint.clone()],
            target: TargetSession::Any,
            ..self.clone()
        };
        match self.endpoints.len() {
            0 | 1 => Vec::new(),
            _ => self.endpoints.iter().map(alone).collect(),
        }
    }
}

/// `user@host:port/database`, without the password; several hosts with commas between them.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.endpoints.iter().map(Endpoint::to_string).collect();
        write!(f, "{}@{}/{}", self.user(), hosts.join(","), self.database())
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("to", &format_args!("{self}"))
            .field("password", &self.password.as_ref().map(|(_, origin)| origin))
            .field("passfile", &self.passfile.as_ref().map(|(path, _)| path))
            .field("ssl", &self.ssl)
            .field("timeout", &self.timeout)
            .field("application_name", &self.base.get_application_name())
            .field("options", &self.base.get_options())
            .finish()
    }
}
