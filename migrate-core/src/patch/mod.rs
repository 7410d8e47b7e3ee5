//! A patch, and the values that describe one.
//!
//! `patch.rs` is one versioned file. Its name gives the `version.rs`, the `kind.rs` and the `role.rs`. The comment at its top
//! holds directives (`directive.rs`), whose values are `min_app.rs`, `timeout.rs` and `isolation.rs`. `checksum.rs` is how a
//! patch is recognised later.

mod checksum;
#[cfg_attr(not(feature = "parse"), allow(dead_code))]
pub(crate) mod directive;
mod isolation;
mod kind;
mod min_app;
#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod patch;
#[cfg(feature = "parse")]
mod role;
mod timeout;
mod version;

pub use checksum::Checksum;
pub use directive::{Allow, Batch, Directives, Requirement};
pub use isolation::Isolation;
pub use kind::Kind;
pub use min_app::MinApp;
#[cfg(feature = "parse")]
pub(crate) use patch::heading;
pub use patch::{Patch, PatchParts};
#[cfg(feature = "parse")]
pub use role::FileRole;
pub use timeout::Timeout;
pub use version::Version;
#[cfg(feature = "parse")]
pub(crate) use version::number;
