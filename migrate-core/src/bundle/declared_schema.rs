use std::borrow::Cow;

use sha2::Digest;

use super::create_tree::sum_of_files;
use crate::patch::Checksum;

/// A schema in plain SQL that the patches are to lead to: `schema.sql`, or the files of the directory `schema`.
///
/// It is never applied to a database of a service. `cargo migrate diff` makes it on a throwaway server, and writes the patch
/// that leads there.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeclaredSchema {
    /// Path from the bundle's root, and normalised text, in the order in which they run: that of their names.
    pub files: Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>,
    /// The digest of the files: [`DeclaredSchema::sum`].
    pub digest: Checksum,
    /// The digest that the lock file has: of the schema to which the patches lead. `None` if no patch was written yet.
    pub locked: Option<Checksum>,
}

impl DeclaredSchema {
    #[cfg(feature = "parse")]
    pub(crate) fn new(
        files: Vec<(Cow<'static, str>, Cow<'static, str>)>,
        locked: Option<Checksum>,
    ) -> DeclaredSchema {
        DeclaredSchema { digest: DeclaredSchema::sum(&files), files: files.into(), locked }
    }

    /// The digest of files: a SHA-256 over path and text of each file with their lengths before them.
    pub fn sum(files: &[(Cow<'static, str>, Cow<'static, str>)]) -> Checksum {
        Checksum::new(sum_of_files(files).finalize().into())
    }

    /// Whether the files changed since the last patch was written from them.
    pub fn has_changed(&self) -> bool {
        self.locked != Some(self.digest)
    }
}
