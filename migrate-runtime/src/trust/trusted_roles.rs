//! The trusted roles: functions of their objects may run with our rights.
//!
//! Our own role, the role that we switched to, superusers, the database's owner, named roles, and members of
//! these roles, which could have created the object as that role. A role of which ours is a member is not trusted.
//! Since PostgreSQL 16 a membership can be granted without such a right.

use embed_migrate_core::quote;

use crate::options::options::Options;

const TRUSTED: &str = include_str!("trusted_roles.sql");

/// The condition that the role with this number is trusted.
pub(crate) fn is_trusted(options: &Options, role: &str) -> String {
    let named: String = options.trust.iter().map(|name| format!(", {}", quote::literal(name))).collect();
    TRUSTED.replace("{role}", role).replace("{named}", &named)
}
