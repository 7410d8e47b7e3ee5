//! Makes facts true on a live connection, and verifies that they are.
//!
//! [`Driver`] is the way in for a program; a boot deploys the facts of its bundles by the same [`Deployment`].

mod after;
mod answer;
mod declared;
mod deployed;
mod deployment;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod driver;
mod foresight;
mod given;
mod pass;
mod send;
mod transaction;
mod truth;
mod walk;

pub use declared::declared;
pub use deployed::Deployed;
pub use driver::Driver;
pub use given::Given;

pub(crate) use after::finish;
pub(crate) use deployment::Deployment;
