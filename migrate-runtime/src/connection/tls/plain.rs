//! Replaces TLS if the feature `tls` is off.

use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::NoTls;

use crate::settings::settings::TlsSettings;
use crate::settings::sslmode::SslMode;

pub(crate) type Tls = NoTls;

/// Refuses the modes that can't do without TLS.
pub(crate) fn new(ssl: &TlsSettings) -> Result<Option<Tls>> {
    match ssl.mode {
        SslMode::Disable | SslMode::Allow | SslMode::Prefer => Ok(None),
        mode @ (SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull) => {
            let message = format!("`sslmode={mode}` needs TLS, which this program was built without");
            Err(Error::new(ErrorKind::Settings, message)
                .help("build with the feature `tls` of `embed-migrate-runtime`, or set `sslmode=disable`"))
        }
    }
}

/// Whether TLS is the cause of an error.
pub(crate) fn is_cause(_: &(dyn std::error::Error + 'static)) -> bool {
    false
}

/// What is wrong with a certificate.
pub(crate) fn fault(_: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    None
}
