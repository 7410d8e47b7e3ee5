//! The files that facts are read from: `lookup.rs` has the trait and the paths, `directory.rs` reads from disk,
//! `embedded_files.rs` from memory, and `digest.rs` computes one checksum of all files that were read.

mod digest;
mod directory;
mod embedded_files;
mod lookup;

pub use digest::{FactFile, digest};
pub use directory::{DirectoryFiles, LARGEST_FILE};
pub use embedded_files::EmbeddedFiles;
pub use lookup::{FilePath, Files, Lookup};
