//! The values and decisions of the migrate runtime.
//!
//! This crate is pure and synchronous: it opens no socket, knows no runtime and reads nothing but the
//! directory of a bundle. The macro and the runtime share it, so that what compiles is what runs.

mod error;
mod kind;
mod place;
mod version;

pub use error::{Error, ErrorKind, Result};
pub use kind::Kind;
pub use place::Place;
pub use version::Version;
