//! The one record a bundle that a boot reads.

pub(crate) mod bundle_record;
#[cfg_attr(not(feature = "facts"), allow(dead_code, reason = "written only where facts are deployed"))]
pub(crate) mod facts_record;
pub(crate) mod patches_record;
