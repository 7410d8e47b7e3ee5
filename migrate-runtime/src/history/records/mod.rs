//! The one record a bundle that a boot reads.

pub(crate) mod applied_patches;
pub(crate) mod bundle_record;
#[cfg_attr(not(feature = "facts"), allow(dead_code, reason = "written only where facts are deployed"))]
pub(crate) mod deployed_facts;
