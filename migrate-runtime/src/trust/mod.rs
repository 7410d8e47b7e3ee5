//! Whose objects may be used: their code runs with our rights.
//!
//! `trusted_roles.rs` says which roles are trusted. `untrusted_search.rs` finds objects of others among those that patches or
//! facts (`facts.rs`) use; `untrusted_object.rs` is one of them, as an error.

#[cfg(feature = "facts")]
pub(crate) mod facts;
pub(crate) mod trusted_roles;
mod untrusted_object;
pub(crate) mod untrusted_search;
