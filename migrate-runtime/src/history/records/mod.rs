//! The one record a bundle: what a boot reads to see that nothing is to be done.
//!
//! `bundle_record.rs` has the queries and the record, of a `patches_record.rs` and a `facts_record.rs`.

pub(crate) mod bundle_record;
#[cfg_attr(not(feature = "facts"), allow(dead_code, reason = "written only where facts are deployed"))]
pub(crate) mod facts_record;
pub(crate) mod patches_record;
