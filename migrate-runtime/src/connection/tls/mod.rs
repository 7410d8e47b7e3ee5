//! Encrypts a connection, and verifies the server's certificate.
//!
//! `tls.rs` reads certificates, `verifier.rs` checks the server's, `certificate.rs` those that webpki does not take. `plain.rs`
//! replaces `tls.rs` without the feature `tls`.

#[cfg(feature = "tls")]
mod certificate;
#[cfg_attr(not(feature = "tls"), path = "plain.rs")]
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod tls;
#[cfg(feature = "tls")]
mod verifier;
