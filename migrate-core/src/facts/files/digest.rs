use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::lookup::FilePath;
use crate::patch::Checksum;

/// A file that facts were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactFile {
    /// Which one it is.
    pub path: FilePath,
    /// Its text, without byte order mark and with line feeds at the ends of its lines.
    pub text: Arc<str>,
}

/// The checksum of the files of a bundle's facts, for the lock file's facts revision: SHA-256 over path and text of
/// each file, each preceded by its length, in the order of the paths.
///
/// Files of other bundles are left out: they have revisions of their own, and can't be read at compile time.
pub fn digest(files: &[FactFile]) -> Checksum {
    let mut own: Vec<&FactFile> = files.iter().filter(|file| file.path.bundle.is_none()).collect();
    own.sort_by(|a, b| a.path.cmp(&b.path));
    own.dedup_by(|a, b| a.path == b.path);
    let mut sum = Sha256::new();
    for part in own.iter().flat_map(|file| [file.path.path.as_bytes(), file.text.as_bytes()]) {
        sum.update((part.len() as u64).to_le_bytes());
        sum.update(part);
    }
    Checksum::new(sum.finalize().into())
}
