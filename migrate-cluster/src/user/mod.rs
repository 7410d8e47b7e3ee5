//! The users of a cluster, which are roles that can log in, and each verb on one of them.
//!
//! `user.rs` is the handle, with the short verbs; `entry.rs` is what the cluster lists. `create.rs` creates a user from
//! `options.rs`, with a verifier from `password.rs`. `access.rs` grants and revokes databases, `demote.rs` takes the superuser
//! right away, `rename.rs` renames. `drop.rs` drops a user, after `owned_objects.rs` has given away what it owns.

pub(crate) mod access;
pub(crate) mod create;
pub(crate) mod demote;
pub(crate) mod drop;
pub(crate) mod entry;
pub(crate) mod options;
pub(crate) mod owned_objects;
pub(crate) mod password;
pub(crate) mod rename;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
pub(crate) mod user;
