use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::certificate::LegacyCertificate;

/// Holds a server's certificate against what `sslmode` wants; rustls' own verifier always wants the name.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) check: CertificateCheck,
    pub(crate) algorithms: WebPkiSupportedAlgorithms,
}

/// What of a certificate is verified. Its owner proves to have the key in any case.
#[derive(Debug)]
pub(crate) enum CertificateCheck {
    Nothing,
    Chain(TrustAnchors),
    ChainAndName(TrustAnchors),
}

/// The certificates to trust, as rustls wants them and as they are.
#[derive(Debug)]
pub(crate) struct TrustAnchors {
    pub(crate) store: RootCertStore,
    pub(crate) certificates: Vec<CertificateDer<'static>>,
}

impl Verifier {
    fn chain(
        &self,
        anchors: &TrustAnchors,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        if let Some(older) = LegacyCertificate::of_first_version(certificate) {
            return older.verify(&anchors.certificates, &self.algorithms, now);
        }
        let parsed = ParsedCertificate::try_from(certificate)?;
        let verified = verify_server_cert_signed_by_trust_anchor(
            &parsed,
            &anchors.store,
            intermediates,
            now,
            self.algorithms.all,
        );
        match verified {
            // A server's self-signed certificate, trusted as such, calls itself an authority when OpenSSL
            // made it. libpq takes it, webpki doesn't; it has been found valid in time by then.
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
                if anchors.certificates.contains(certificate) =>
            {
                Ok(())
            }
            verified => verified,
        }
    }
}

/// Verifies that a certificate is for this server.
fn named(certificate: &CertificateDer<'_>, name: &ServerName<'_>) -> Result<(), Error> {
    if LegacyCertificate::read(certificate).is_some_and(|older| older.is_for(name)) {
        return Ok(());
    }
    if LegacyCertificate::of_first_version(certificate).is_some() {
        return Err(CertificateError::NotValidForName.into());
    }
    verify_server_name(&ParsedCertificate::try_from(certificate)?, name)
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match &self.check {
            CertificateCheck::Nothing => {}
            CertificateCheck::Chain(anchors) => self.chain(anchors, certificate, intermediates, now)?,
            CertificateCheck::ChainAndName(anchors) => {
                self.chain(anchors, certificate, intermediates, now)?;
                named(certificate, name)?;
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if let Some(older) = LegacyCertificate::of_first_version(certificate) {
            older.verify_handshake(message, signature, &self.algorithms)?;
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, certificate, signature, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if let Some(older) = LegacyCertificate::of_first_version(certificate) {
            let key = SubjectPublicKeyInfoDer::from(older.key()?);
            return verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms);
        }
        verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
