//! Objects that untrusted roles own or may change, among those that we are about to use: their code would run with our rights.
//!
//! It is looked for in the transaction that writes. Most databases have nobody but us, and a cheap question is enough to
//! know that ([`OTHER_OWNERS`]). Where has_other_owners else owns or was granted something, the catalog is searched: from what the
//! text of patches or facts names, to all that the server evaluates with it (`untrusted_objects.sql`).

#[cfg(feature = "facts")]
pub(crate) mod facts;
mod finding;
pub(crate) mod trusted_roles;
pub(crate) mod untrusted_objects;
