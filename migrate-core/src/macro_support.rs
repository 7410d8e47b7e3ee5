//! What `embed_migrations!()` uses: no part of the public interface.

pub use crate::bundle::BundleParts;
#[cfg(feature = "parse")]
pub use crate::embed::EncodedPatches;
pub use crate::embed::{EmbeddedPatches, patch};
pub use crate::patch::PatchParts;
