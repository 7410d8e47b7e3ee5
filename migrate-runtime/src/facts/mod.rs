//! Makes facts true on a live connection, and verifies that they are.
//!
//! `bundle_facts.rs` deploys the facts of bundles at boot (`facts_disabled.rs` replaces it without the feature `facts`), and
//! `driver/` those that a program gives. Both use `deployment/`. `nested_facts.rs` lists facts in order.

#[cfg_attr(not(feature = "facts"), path = "facts_disabled.rs")]
pub(crate) mod bundle_facts;
#[cfg(feature = "facts")]
pub(crate) mod declared_ddl;
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
