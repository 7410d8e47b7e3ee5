//! The files that facts are read from: `lookup.rs` has the trait and the paths, `directory.rs` reads from disk,
//! `embedded.rs` from memory, and `digest.rs` computes one checksum of all files that were read.

mod digest;
mod directory;
mod embedded;
mod lookup;

pub use digest::{FactFile, digest};
pub use directory::{DirectoryFiles, LARGEST_FILE};
pub use embedded::EmbeddedFiles;
pub use lookup::{FilePath, Files, Lookup};
