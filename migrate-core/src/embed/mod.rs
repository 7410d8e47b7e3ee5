//! How `embed_migrations!()` stores patches in a program, and how the program reads them.
//!
//! A compiler needs seconds for ten thousand literals of a struct, and a linker adds a relocation for each of their texts. One
//! long text costs nothing. So the macro writes five literals, whatever the number of patches (`encoded_patches.rs`).
//! `embedded_patches.rs` reads them, and `patch_list.rs` does so when a patch is used for the first time: a boot that finds the database
//! up to date looks at none.

mod embedded_patches;
#[cfg(feature = "parse")]
mod encoded_patches;
mod patch_list;

pub use embedded_patches::{EmbeddedPatches, patch};
#[cfg(feature = "parse")]
pub use encoded_patches::EncodedPatches;
pub use patch_list::PatchList;
