//! How `embed_migrations!()` stores patches in a program, and how the program reads them; no part of the public interface.
//!
//! `embedded.rs` writes and reads the bytes. `patch_list.rs` makes patches of them when one is first looked at: a boot that
//! finds the database up to date looks at none.

mod embedded;
mod patch_list;

#[cfg(feature = "parse")]
pub use embedded::Written;
pub use embedded::{Embedded, patch, patches};
pub use patch_list::PatchList;
