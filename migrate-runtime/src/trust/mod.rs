//! What strangers own, or may change, of what we are about to use: its code would run with our rights.
//!
//! It is looked for in the transaction that writes. Most databases have nobody but us, and a cheap question is enough to
//! know that ([`GATE`]). Where somebody else owns or was granted something, the catalog is searched: from what the
//! text of patches or facts names, to all that the server evaluates with it (`strangers.sql`).

#[cfg(feature = "facts")]
pub(crate) mod facts;
mod finding;
pub(crate) mod trusted_roles;
pub(crate) mod untrusted_objects;
