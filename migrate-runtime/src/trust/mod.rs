//! Whose objects may be used: their code runs with our rights.
//!
//! `trusted_roles.rs` says which roles are trusted. `untrusted_objects.rs` finds objects of others among those that patches or
//! facts (`facts.rs`) use; `finding.rs` is one of them, as an error.

#[cfg(feature = "facts")]
pub(crate) mod facts;
mod finding;
pub(crate) mod trusted_roles;
pub(crate) mod untrusted_objects;
