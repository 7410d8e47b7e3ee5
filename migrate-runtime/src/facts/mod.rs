//! Makes facts true on a live connection, and verifies that they are.
//!
//! [`Driver`] is the way in for a program; a boot deploys the facts of its bundles by the same [`Deployment`].

#[cfg_attr(not(feature = "facts"), path = "facts_disabled.rs")]
pub(crate) mod bundle_facts;
#[cfg(feature = "facts")]
pub(crate) mod declared;
#[cfg(feature = "facts")]
pub(crate) mod deploy_report;
#[cfg(feature = "facts")]
mod deployment;
#[cfg(feature = "facts")]
pub(crate) mod driver;
#[cfg(feature = "facts")]
pub(crate) mod fact_failure;
#[cfg(feature = "facts")]
pub(crate) mod into_facts;
#[cfg(feature = "facts")]
mod nested_facts;
