//! Files of a bundle as bytes and as text.
//!
//! `ignored_files.rs` names the files that are no part of a bundle, `read.rs` reads one, and `normalise.rs` makes of its bytes the
//! text that is checked, hashed and executed.

mod ignored_files;
#[cfg_attr(not(feature = "parse"), allow(dead_code))]
mod normalise;
mod read;

pub use ignored_files::is_ignored_file;
#[cfg_attr(not(feature = "facts"), allow(unused_imports))]
pub(crate) use normalise::normalise;
pub(crate) use normalise::normalised;
pub use read::read_file;
