//! The one error type of the workspace.
//!
//! `error.rs` holds a problem, or several that were found together; `kind.rs` sorts problems for programs; `place.rs` is the
//! line in a file that a problem is about. `Display` needs no other crate; `report.rs` draws the place for the command line
//! and the macro.

#[allow(clippy::module_inception, reason = "one noun a file, and the noun is the module's")]
mod error;
mod kind;
mod place;
#[cfg(feature = "parse")]
mod report;

pub use error::{Error, Result};
pub use kind::ErrorKind;
pub use place::Place;
#[cfg(feature = "parse")]
pub use report::ReportStyle;
