use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::verifier::{CertificateCheck, TrustAnchors, Verifier};
use crate::settings::settings::{RootCertificates, TlsSettings};
use crate::settings::sslmode::SslMode;

pub(crate) type Tls = MakeRustlsConnect;

/// Reads the certificates that the settings name; `None` if nothing will be encrypted, as even the setup of
/// TLS takes longer than a local boot has.
///
/// # Errors
///
/// `Settings` for a file that is needed and missing, or can't be used.
pub(crate) fn new(ssl: &TlsSettings) -> Result<Option<Tls>> {
    match ssl.mode {
        SslMode::Disable => Ok(None),
        mode => build(check(mode, &ssl.roots)?, identity(ssl)?, ssl.direct).map(Some),
    }
}

/// Whether TLS is the cause of an error.
pub(crate) fn is_cause(error: &(dyn std::error::Error + 'static)) -> bool {
    error.is::<rustls::Error>()
}

/// What is wrong with a certificate, and what to do about it.
pub(crate) fn fault(error: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    use rustls::CertificateError as Fault;
    let rustls::Error::InvalidCertificate(fault) = error.downcast_ref()? else { return None };
    Some(match fault {
        Fault::Expired | Fault::ExpiredContext { .. } => "the server's certificate has expired: renew it",
        Fault::NotValidYet | Fault::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet: compare the clocks of both machines"
        }
        Fault::UnknownIssuer => "nobody in the file of root certificates issued the server's certificate",
        Fault::NotValidForName | Fault::NotValidForNameContext { .. } => {
            "the server's certificate is for another host: connect by the name in it, or make one with this host's name in \
             `subjectAltName`"
        }
        Fault::BadSignature => "the server does not have the key of its certificate",
        Fault::UnsupportedSignatureAlgorithmContext { .. }
        | Fault::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "the server's certificate has an algorithm or key that is too weak: create one with SHA-256, and RSA of 2048 \
             bits or an elliptic curve"
        }
        // webpki's own, which rustls has no word for.
        Fault::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the server's certificate is its own authority, and not in the file of root certificates: put it there"
        }
        _ => {
            "the server's certificate can't be verified: create one as the PostgreSQL manual describes (\"Creating Certificates\")"
        }
    })
}

type ClientIdentity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn build(check: CertificateCheck, identity: Option<ClientIdentity>, direct: bool) -> Result<Tls> {
    let unusable = |error| Error::new(ErrorKind::Settings, "TLS can't be set up").caused_by(error);
    // A provider of our own, so that the application's choice of a global one is its own.
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier { check, algorithms: provider.signature_verification_algorithms };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unusable)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    let mut config = match identity {
        Some((chain, key)) => config.with_client_auth_cert(chain, key).map_err(|error| {
            Error::new(ErrorKind::Settings, "the client's certificate and key can't be used").caused_by(error)
        })?,
        None => config.with_no_client_auth(),
    };
    if direct {
        config.alpn_protocols = vec![b"postgresql".to_vec()];
    }
    Ok(MakeRustlsConnect::new(config))
}

/// What to verify: as in libpq, a root certificate file that exists is heeded in every mode.
fn check(mode: SslMode, roots: &RootCertificates) -> Result<CertificateCheck> {
    let wanted = matches!(mode, SslMode::VerifyCa | SslMode::VerifyFull);
    let anchors = match roots {
        RootCertificates::System => system()?,
        RootCertificates::File(path) if path.exists() => file(path)?,
        RootCertificates::File(_) | RootCertificates::Unset if !wanted => {
            return Ok(CertificateCheck::Nothing);
        }
        RootCertificates::File(path) => return Err(no_roots(mode).at(place(path))),
        RootCertificates::Unset => return Err(no_roots(mode)),
    };
    Ok(if mode == SslMode::VerifyFull {
        CertificateCheck::ChainAndName(anchors)
    } else {
        CertificateCheck::Chain(anchors)
    })
}

fn no_roots(mode: SslMode) -> Error {
    let message = format!("`sslmode={mode}` needs root certificates, and there are none");
    Error::new(ErrorKind::Settings, message).help(
        "name a file with `sslrootcert`, put one at `~/.postgresql/root.crt`, or set `sslrootcert=system` for \
         the operating system's",
    )
}

fn file(path: &Path) -> Result<TrustAnchors> {
    let certificates = certificates(path, "root certificates")?;
    let mut store = RootCertStore::empty();
    for certificate in &certificates {
        store
            .add(certificate.clone())
            .map_err(|error| unreadable(path, "root certificates").caused_by(error))?;
    }
    Ok(TrustAnchors { store, certificates })
}

fn system() -> Result<TrustAnchors> {
    let found = rustls_native_certs::load_native_certs();
    let mut store = RootCertStore::empty();
    // A certificate in the operating system's store that can't be read is no reason to trust none.
    store.add_parsable_certificates(found.certs.iter().cloned());
    if store.is_empty() {
        let error = Error::new(ErrorKind::Settings, "the operating system has no root certificates")
            .help("install its certificates (`ca-certificates`), or name a file with `sslrootcert`");
        return Err(found.errors.into_iter().fold(error, |error, cause| error.note(cause.to_string())));
    }
    Ok(TrustAnchors { store, certificates: found.certs })
}

/// The client's certificate and key; as in libpq, none if there is no certificate file.
fn identity(ssl: &TlsSettings) -> Result<Option<ClientIdentity>> {
    let Some(path) = ssl.certificate.as_ref().filter(|path| path.exists()) else { return Ok(None) };
    let chain = certificates(path, "client's certificate")?;
    let key = ssl.key.as_ref().filter(|key| key.exists()).ok_or_else(|| no_key(path, ssl.key.as_ref()))?;
    if is_exposed(key) {
        return Err(Error::new(ErrorKind::Settings, "the client's key may be read by others")
            .at(place(key))
            .help("set its permissions to `u=rw` (0600), or `u=rw,g=r` (0640) if root owns it"));
    }
    let read = PrivateKeyDer::from_pem_file(key).map_err(|error| {
        unreadable(key, "client's key").caused_by(error).help("the key must be PEM, and not encrypted")
    })?;
    Ok(Some((chain, read)))
}

fn no_key(certificate: &Path, key: Option<&PathBuf>) -> Error {
    let error = Error::new(ErrorKind::Settings, "the client has a certificate, but no key for it")
        .at(place(certificate))
        .help("name the key's file with `sslkey`");
    match key {
        Some(key) => error.note(format!("there is no `{}`", key.display())),
        None => error,
    }
}

fn certificates(path: &Path, what: &str) -> Result<Vec<CertificateDer<'static>>> {
    let read =
        CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>);
    match read {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(unreadable(path, what).note("there is no PEM certificate in it")),
        Err(error) => Err(unreadable(path, what).note(error.to_string())),
    }
}

fn unreadable(path: &Path, what: &str) -> Error {
    Error::new(ErrorKind::Settings, format!("the {what} can't be read")).at(place(path))
}

fn place(path: &Path) -> Place {
    Place::file(path.display().to_string())
}

/// libpq's rule: nobody else may read a key, except a group if root owns the key.
#[cfg(unix)]
fn is_exposed(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).is_ok_and(|key| key.mode() & if key.uid() == 0 { 0o027 } else { 0o077 } != 0)
}

#[cfg(not(unix))]
fn is_exposed(_: &Path) -> bool {
    false
}
