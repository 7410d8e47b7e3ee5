//! What a service calls when it starts.
//!
//! `boot.rs` connects, reads the records in one round trip, and returns if nothing is to be done. Otherwise it takes the lock,
//! finds out how the database is replicated, and hands over to `apply/` or `topology/`.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod boot;
