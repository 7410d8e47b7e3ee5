//! The users of a cluster, roles that can log in, and each verb on one of them.

mod access;
mod create;
mod demote;
mod drop;
mod entry;
mod options;
mod owned;
mod password;
mod rename;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod user;

pub use entry::UserEntry;
pub(crate) use entry::list;
pub use options::UserOptions;
pub use user::User;
