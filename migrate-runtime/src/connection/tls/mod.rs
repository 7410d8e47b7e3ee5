//! Encryption of a connection, and the checks of the server's certificate.

#[cfg(feature = "tls")]
mod certificate;
#[cfg_attr(not(feature = "tls"), path = "plain.rs")]
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod tls;
#[cfg(feature = "tls")]
mod verifier;
