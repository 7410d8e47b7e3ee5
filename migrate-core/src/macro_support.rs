//! What `embed_migrations!()` uses: no part of the public interface.

#[cfg(feature = "parse")]
pub use crate::embed::EncodedPatches;
pub use crate::embed::{Embedded, patch};
