//! Files of a bundle as bytes and as text.
//!
//! `ignored.rs` names the files that are no part of a bundle, `read.rs` reads one, and `normalise.rs` makes of its bytes the
//! text that is checked, hashed and executed.

mod ignored;
#[cfg_attr(not(feature = "parse"), allow(dead_code))]
mod normalise;
mod read;

pub use ignored::is_passed_over;
#[cfg_attr(not(feature = "facts"), allow(unused_imports))]
pub(crate) use normalise::normalise;
pub(crate) use normalise::normalised;
pub use read::read_file;
