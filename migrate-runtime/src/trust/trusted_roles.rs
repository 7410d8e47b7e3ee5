//! Whom we trust: whose objects may have functions run with our rights.
//!
//! We, the role that was put on, superusers, the database's owner, those that were named, and whoever may act as one of
//! these: they could as well have made it as that role. Not whoever we are a member of, for that is theirs to say.
//! Since PostgreSQL 16 a membership can be granted without such a right.

use embed_migrate_core::quote;

use crate::options::options::Options;

const TRUSTED: &str = include_str!("trusted_roles.sql");

/// The condition that the role with this number is trusted.
pub(crate) fn is_trusted(options: &Options, role: &str) -> String {
    let named: String = options.trust.iter().map(|name| format!(", {}", quote::literal(name))).collect();
    TRUSTED.replace("{role}", role).replace("{named}", &named)
}
