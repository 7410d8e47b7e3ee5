//! A bundle: the patches and facts that one crate embeds.
//!
//! `bundle.rs` is the whole of it, with the digests by which a boot recognises that a database is up to date.
//! `create_tree.rs` is what makes a fresh database instead of the patches, `facts_revision.rs` which facts it has,
//! `declared_schema.rs` a schema in plain SQL instead of facts.

mod accept;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod bundle;
mod create_tree;
mod declared_schema;
mod facts_revision;

pub use accept::Accept;
#[cfg(feature = "parse")]
pub(crate) use accept::accepted;
pub use bundle::{Bundle, BundleParts, LOCK_FILE, MANIFEST};
pub use create_tree::CreateTree;
pub use declared_schema::DeclaredSchema;
pub use facts_revision::FactsRevision;
