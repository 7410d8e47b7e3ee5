use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error};
use x509_cert::der::asn1::BitString;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::{Certificate, Version};

/// A server's certificate of a kind that OpenSSL takes and webpki does not: one of X.509's first version, as PostgreSQL's
/// manual makes them ("Creating Certificates"), or one that names its server in the common name only.
pub(crate) struct LegacyCertificate(Certificate);

impl LegacyCertificate {
    /// The certificate, if it is of the first version, which has no extensions.
    pub(crate) fn of_first_version(certificate: &CertificateDer<'_>) -> Option<LegacyCertificate> {
        LegacyCertificate::read(certificate)
            .filter(|older| older.0.tbs_certificate().version() == Version::V1)
    }

    /// The certificate; `None` if it can't be read.
    pub(crate) fn read(certificate: &CertificateDer<'_>) -> Option<LegacyCertificate> {
        Certificate::from_der(certificate).ok().map(LegacyCertificate)
    }

    /// Verifies that it is valid now, and that one of these authorities issued it itself.
    ///
    /// # Errors
    ///
    /// It is not valid at this time, or none of them issued it.
    pub(crate) fn verify(
        &self,
        authorities: &[CertificateDer<'_>],
        algorithms: &WebPkiSupportedAlgorithms,
        now: UnixTime,
    ) -> Result<(), Error> {
        let contents = self.0.tbs_certificate();
        let (validity, now) = (contents.validity(), now.as_secs());
        if now < validity.not_before.to_unix_duration().as_secs() {
            return Err(CertificateError::NotValidYet.into());
        }
        if now > validity.not_after.to_unix_duration().as_secs() {
            return Err(CertificateError::Expired.into());
        }
        let mut issuers = authorities.iter().filter_map(|authority| Certificate::from_der(authority).ok());
        let issued = |issuer: Certificate| {
            issuer.tbs_certificate().subject() == contents.issuer()
                && self.is_signed_by(issuer.tbs_certificate().subject_public_key_info(), algorithms)
        };
        if issuers.any(issued) { Ok(()) } else { Err(CertificateError::UnknownIssuer.into()) }
    }

    fn is_signed_by(&self, key: &SubjectPublicKeyInfoOwned, known: &WebPkiSupportedAlgorithms) -> bool {
        let Ok(message) = self.0.tbs_certificate().to_der() else { return false };
        let signature = identifier(self.0.signature_algorithm());
        let same = |algorithm: &&dyn SignatureVerificationAlgorithm| {
            Some(algorithm.signature_alg_id().as_ref()) == signature.as_deref()
        };
        let mut algorithms = known.all.iter().copied().filter(|algorithm| same(algorithm));
        algorithms.any(|algorithm| verifies(algorithm, key, &message, self.0.signature().raw_bytes()))
    }

    /// Verifies that the server has the certificate's key, in the handshake of TLS 1.2.
    ///
    /// # Errors
    ///
    /// It does not have it.
    pub(crate) fn verify_handshake(
        &self,
        message: &[u8],
        signed: &DigitallySignedStruct,
        known: &WebPkiSupportedAlgorithms,
    ) -> Result<(), Error> {
        let key = self.0.tbs_certificate().subject_public_key_info();
        let of_scheme = known.mapping.iter().filter(|(scheme, _)| *scheme == signed.scheme);
        let mut algorithms = of_scheme.flat_map(|(_, algorithms)| algorithms.iter().copied());
        match algorithms.any(|algorithm| verifies(algorithm, key, message, signed.signature())) {
            true => Ok(()),
            false => Err(CertificateError::BadSignature.into()),
        }
    }

    /// The public key, as DER.
    ///
    /// # Errors
    ///
    /// It can't be written, which no key that was read does.
    pub(crate) fn key(&self) -> Result<Vec<u8>, Error> {
        let key = self.0.tbs_certificate().subject_public_key_info();
        key.to_der().map_err(|_| CertificateError::BadEncoding.into())
    }

    /// Whether it names this server: in its common name, if there is no other name of a host in it (PostgreSQL manual,
    /// libpq, "SSL Server Certificate Verification").
    pub(crate) fn is_for(&self, name: &ServerName<'_>) -> bool {
        let contents = self.0.tbs_certificate();
        let names_host =
            |name: &GeneralName| matches!(name, GeneralName::DnsName(_) | GeneralName::IpAddress(_));
        match contents.get_extension::<SubjectAltName>() {
            Ok(Some((_, names))) if names.0.iter().any(names_host) => return false,
            Err(_) => return false,
            Ok(_) => {}
        }
        let common = contents.subject().common_name().ok().flatten();
        common.is_some_and(|common| matches(&common.value(), name))
    }
}

/// A wildcard matches the first label of a name, and no part of an address.
fn matches(common: &str, name: &ServerName<'_>) -> bool {
    let wanted = name.to_str();
    let is_address = matches!(name, ServerName::IpAddress(_));
    let under = |rest: &str| wanted.split_once('.').is_some_and(|(_, of)| of.eq_ignore_ascii_case(rest));
    common.eq_ignore_ascii_case(&wanted)
        || (!is_address && common.strip_prefix("*.").is_some_and(|rest| rest.contains('.') && under(rest)))
}

fn verifies(
    algorithm: &dyn SignatureVerificationAlgorithm,
    key: &SubjectPublicKeyInfoOwned,
    message: &[u8],
    signature: &[u8],
) -> bool {
    let bits: &BitString = &key.subject_public_key;
    Some(algorithm.public_key_alg_id().as_ref()) == identifier(&key.algorithm).as_deref()
        && algorithm.verify_signature(bits.raw_bytes(), message, signature).is_ok()
}

/// The algorithm as rustls has them: its DER without the sequence around it.
fn identifier(algorithm: &AlgorithmIdentifierOwned) -> Option<Vec<u8>> {
    let mut bytes = algorithm.oid.to_der().ok()?;
    if let Some(parameters) = &algorithm.parameters {
        bytes.extend(parameters.to_der().ok()?);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_name_names_a_host_as_libpq_says() {
        let is = |common: &str, name: &str| matches(common, &ServerName::try_from(name.to_owned()).unwrap());
        assert!(is("db.example", "DB.example"));
        assert!(is("*.example.com", "db.example.com"));
        assert!(is("127.0.0.1", "127.0.0.1"));
        assert!(!is("*.example.com", "a.db.example.com"));
        assert!(!is("*.example.com", "example.com"));
        assert!(!is("*.com", "example.com"));
        assert!(!is("db", "db.example"));
        assert!(!is("*.0.0.1", "127.0.0.1"));
    }
}
