use std::fmt;
use std::str::FromStr;

use embed_migrate_core::{Error, ErrorKind};

/// How far a connection over TCP is encrypted and the server verified; libpq's `sslmode`, with its meaning.
///
/// Connections over a Unix socket are never encrypted. In every mode but `Disable`, a root certificate file
/// that exists (`sslrootcert`, or `~/.postgresql/root.crt`) is held against the server's certificate.
///
/// ```
/// use embed_migrate_runtime::SslMode;
///
/// assert_eq!("verify-full".parse::<SslMode>()?, SslMode::VerifyFull);
/// assert_eq!(SslMode::default().to_string(), "prefer");
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// Plain, and TLS if the server refuses that.
    Allow,
    /// TLS, and plain if the server has none, refuses it, or the handshake fails.
    #[default]
    Prefer,
    /// TLS; the certificate is verified only if a root certificate file exists.
    Require,
    /// TLS, and the certificate comes from a trusted authority, whatever name it is for.
    VerifyCa,
    /// TLS, and the certificate comes from a trusted authority and is for this host: in its subject alternative names, or,
    /// if it has none of a host, in its common name, as in libpq.
    VerifyFull,
}

impl SslMode {
    const ALL: [SslMode; 6] = [
        SslMode::Disable,
        SslMode::Allow,
        SslMode::Prefer,
        SslMode::Require,
        SslMode::VerifyCa,
        SslMode::VerifyFull,
    ];

    /// libpq's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            SslMode::Disable => "disable",
            SslMode::Allow => "allow",
            SslMode::Prefer => "prefer",
            SslMode::Require => "require",
            SslMode::VerifyCa => "verify-ca",
            SslMode::VerifyFull => "verify-full",
        }
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for SslMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<SslMode, Error> {
        SslMode::ALL.into_iter().find(|mode| mode.as_str() == text).ok_or_else(|| {
            let all = SslMode::ALL.map(|mode| format!("`{mode}`")).join(", ");
            Error::new(ErrorKind::Settings, format!("`{text}` is not an sslmode"))
                .help(format!("one of {all}"))
        })
    }
}

impl From<tokio_postgres::config::SslMode> for SslMode {
    fn from(mode: tokio_postgres::config::SslMode) -> SslMode {
        use tokio_postgres::config::SslMode as ClientSslMode;
        match mode {
            ClientSslMode::Disable => SslMode::Disable,
            ClientSslMode::Require => SslMode::Require,
            // ClientSslMode is open to additions; the default of both is the safe guess.
            _ => SslMode::Prefer,
        }
    }
}
