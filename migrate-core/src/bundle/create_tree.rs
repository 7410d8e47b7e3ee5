use std::borrow::Cow;

use sha2::{Digest, Sha256};

use crate::patch::{Checksum, Version};

/// Files under `create/` that create a fresh database in one transaction, instead of the patches up to a version.
///
/// A boot does not use it. It is used on request, if the history is empty; the history then gets the rows of the patches
/// that it replaces, as if they had run.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateTree {
    /// The last patch that it replaces: the one at which it was locked, or else the bundle's last one.
    pub(crate) version: Version,
    /// Whether the lock file does not have it as it is, with the patches that it replaces as they are.
    pub(crate) draft: bool,
    /// The digest that the lock file has: [`CreateTree::sum`].
    pub(crate) digest: Checksum,
    /// The files in the order in which they run.
    pub(crate) files: Cow<'static, [TreeFile]>,
}

/// The path of a file from the bundle's root, and its normalised text.
type TreeFile = (Cow<'static, str>, Cow<'static, str>);

impl CreateTree {
    /// A create tree, as `embed_migrations!()` writes it.
    pub const fn new(
        version: Version,
        draft: bool,
        digest: Checksum,
        files: Cow<'static, [TreeFile]>,
    ) -> CreateTree {
        CreateTree { version, draft, digest, files }
    }

    /// The last patch that it replaces.
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether the lock file does not have it as it is, with the patches that it replaces.
    pub fn is_draft(&self) -> bool {
        self.draft
    }

    /// The digest that the lock file has.
    pub fn digest(&self) -> Checksum {
        self.digest
    }

    /// The files in the order in which they run: path from the bundle's root, and normalised text.
    pub fn files(&self) -> &[TreeFile] {
        &self.files
    }

    /// The digest of files and of the patches that they replace.
    ///
    /// It is a SHA-256 over path and text of each file with their lengths before them, in the order in which they run, and
    /// over [`Bundle::digest_at`](crate::Bundle::digest_at). A hotfix that comes later is not one of those patches.
    pub fn sum(files: &[TreeFile], patches: Checksum) -> Checksum {
        let mut sum = sum_of_files(files);
        sum.update(patches.bytes());
        Checksum::new(sum.finalize().into())
    }

    /// All files as one text.
    pub fn text(&self) -> String {
        self.files.iter().flat_map(|(_, text)| [text.as_ref(), END]).collect()
    }

    /// The file of a byte of [`CreateTree::text`], counted from 0: its path, its text, and the offset in the text.
    pub fn locate(&self, mut offset: usize) -> Option<(&str, &str, usize)> {
        for (path, text) in self.files.iter() {
            if offset < text.len() + END.len() {
                return Some((path, text, offset.min(text.len())));
            }
            offset -= text.len() + END.len();
        }
        None
    }
}

/// Path and text of each file, with their lengths before them.
pub(super) fn sum_of_files(files: &[TreeFile]) -> Sha256 {
    let mut sum = Sha256::new();
    for part in files.iter().flat_map(|(path, text)| [path.as_bytes(), text.as_bytes()]) {
        sum.update((part.len() as u64).to_le_bytes());
        sum.update(part);
    }
    sum
}

// A last line may be a comment, and a last statement may lack its semicolon.
const END: &str = "\n;\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_is_found_in_its_file() {
        let files = vec![("a".into(), "é1".into()), ("b".into(), "2".into())];
        let (version, digest) = (Version::new(1, 0, 0), Checksum::of(""));
        let tree = CreateTree { version, draft: false, digest, files: files.into() };
        assert_eq!(tree.text(), "é1\n;\n2\n;\n");
        assert_eq!(tree.locate(2), Some(("a", "é1", 2)));
        assert_eq!(tree.locate(5), Some(("a", "é1", 3)));
        assert_eq!(tree.locate(6), Some(("b", "2", 0)));
        assert_eq!(tree.locate(10), None);
    }

    #[test]
    fn the_sum_knows_files_their_order_and_the_patches() {
        let file = |path: &'static str, text: &'static str| (path.into(), text.into());
        let (one, other) = (Checksum::of("1"), Checksum::of("2"));
        let sums = [
            CreateTree::sum(&[file("a", "bc")], one),
            CreateTree::sum(&[file("ab", "c")], one),
            CreateTree::sum(&[file("a", "bc")], other),
            CreateTree::sum(&[file("a", ""), file("b", "")], one),
            CreateTree::sum(&[file("b", ""), file("a", "")], one),
        ];
        let distinct: std::collections::BTreeSet<_> = sums.iter().collect();
        assert_eq!(distinct.len(), sums.len());
    }
}
