use std::net::{IpAddr, UdpSocket};
use std::path::{Path, PathBuf};
use std::{fs, io};

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use super::listen_address::ListenAddress;
use crate::system::environment;
use crate::system::file::{file_error, replace};

/// The first line of a certificate that we made, before the names in it. OpenSSL ignores this line.
const FOR: &str = "# made by migrate for ";

/// The certificate files of a server, in an instance's directory.
///
/// Each instance has its own authority. Clients keep the authority's certificate (`sslrootcert`), which stays the
/// same when the server gets a certificate for other addresses.
#[derive(Debug)]
pub(crate) struct Certificate {
    directory: PathBuf,
}

impl Certificate {
    pub(crate) fn of(directory: &Path) -> Certificate {
        Certificate { directory: directory.to_owned() }
    }

    /// The authority's certificate.
    pub(crate) fn root(&self) -> PathBuf {
        self.directory.join("root.crt")
    }

    /// The server's certificate.
    pub(crate) fn server(&self) -> PathBuf {
        self.directory.join("server.crt")
    }

    /// The key of the server's certificate.
    pub(crate) fn key(&self) -> PathBuf {
        self.directory.join("server.key")
    }

    fn root_key(&self) -> PathBuf {
        self.directory.join("root.key")
    }

    /// Creates the files if they do not exist, and a new server certificate if the server has other names than
    /// before. A certificate that somebody else put there stays.
    pub(crate) fn ensure(&self, addresses: &[ListenAddress]) -> Result<()> {
        let names = names(addresses);
        let line = format!("{FOR}{}\n", names.join(" "));
        let created = read(&self.server())?;
        let is_right = |text: &String| text.starts_with(&line) || !text.starts_with(FOR);
        if created.as_ref().is_some_and(is_right) && self.key().exists() {
            return Ok(());
        }
        let issuer = self.issuer()?;
        let (certificate, key) = issue(&names, &issuer).map_err(|error| self.not_issued(error))?;
        // The key first: a certificate without its key is replaced.
        self.write(&self.key(), &key)?;
        self.write(&self.server(), &format!("{line}{certificate}"))
    }

    /// The authority. It is created if it does not exist.
    fn issuer(&self) -> Result<Issuer<'static, KeyPair>> {
        let name = self.directory.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let params = authority(&name);
        if let (Some(text), true) = (read(&self.root_key())?, self.root().exists()) {
            let key = KeyPair::from_pem(&text).map_err(|error| self.not_issued(error))?;
            return Ok(Issuer::new(params, key));
        }
        let created = KeyPair::generate().and_then(|key| Ok((params.self_signed(&key)?.pem(), key)));
        let (certificate, key) = created.map_err(|error| self.not_issued(error))?;
        self.write(&self.root_key(), &key.serialize_pem())?;
        self.write(&self.root(), &certificate)?;
        Ok(Issuer::new(params, key))
    }

    fn write(&self, path: &Path, text: &str) -> Result<()> {
        replace(path, &path.with_added_extension("new"), text)
    }

    fn not_issued(&self, error: rcgen::Error) -> Error {
        Error::new(ErrorKind::Instance, "can't create a certificate for the server")
            .at(Place::file(self.directory.display().to_string()))
            .help("remove `root.key` and `root.crt` there, so that new ones are created")
            .caused_by(error)
    }
}

fn read(path: &Path) -> Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(file_error("read", path)(error)),
    }
}

/// The parameters of an instance's authority. They must be the same whenever a certificate is issued.
fn authority(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, format!("migrate instance {name}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn issue(
    names: &[String],
    issuer: &Issuer<'_, KeyPair>,
) -> std::result::Result<(String, String), rcgen::Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    if let Some(first) = names.first() {
        params.distinguished_name.push(DnType::CommonName, first);
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok((params.signed_by(&key, issuer)?.pem(), key.serialize_pem()))
}

/// The names and addresses of a server that listens on these addresses.
fn names(addresses: &[ListenAddress]) -> Vec<String> {
    let bound: Vec<IpAddr> = addresses.iter().flat_map(|address| address.bound()).collect();
    let concrete = |address: &IpAddr| !address.is_unspecified();
    let mut names: Vec<String> = bound.iter().copied().filter(concrete).map(|ip| ip.to_string()).collect();
    if !bound.iter().all(concrete) {
        names.extend(["127.0.0.1", "::1"].map(str::to_owned));
        names.extend(outward().map(|ip| ip.to_string()));
    }
    names.extend(["localhost".to_owned(), host()]);
    names.retain(|name| !name.is_empty());
    names.sort();
    names.dedup();
    names
}

/// The name of this machine; empty if a certificate can't contain it.
fn host() -> String {
    let is_fit = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    let output = environment::command("uname").arg("-n").output().map(|output| output.stdout);
    let name = output.ok().and_then(|name| String::from_utf8(name).ok()).unwrap_or_default();
    Some(name.trim_end()).filter(is_fit).unwrap_or_default().to_owned()
}

/// The addresses by which other machines see this one. Nothing is sent: the kernel only chooses a route.
fn outward() -> impl Iterator<Item = IpAddr> {
    // These addresses are reserved for documentation.
    [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")].into_iter().filter_map(|(from, to)| {
        let socket = UdpSocket::bind(from).ok()?;
        socket.connect(to).ok()?;
        socket.local_addr().ok().map(|address| address.ip())
    })
}
