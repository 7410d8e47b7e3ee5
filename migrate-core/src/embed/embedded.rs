//! What `embed_migrations!()` expands to: no part of the public interface.
//!
//! A compiler takes seconds for ten thousand literals of [`Patch`], and a linker puts a relocation beside each of their
//! texts. It takes in a long text at no cost: so the macro writes five of them, whatever the number of patches, and
//! nobody puts the patches together until they are looked at.

use std::borrow::Cow;

use super::patch_list::PatchList;
use crate::patch::{Checksum, Kind, Patch, Version};
use crate::statement::Outline;

/// Patches as a program holds them.
#[derive(Debug, Clone, Copy)]
pub struct Embedded {
    /// The names of their files, each with a line feed behind it.
    pub files: &'static str,
    /// Their texts, one after another.
    pub texts: &'static str,
    /// How many bytes the texts had when they were checked.
    pub length: usize,
    /// Their heads, one after another.
    pub heads: &'static [u8],
    /// Their checksums, two each: of the text and of the tokens.
    pub sums: &'static [u8],
    /// Their outlines, one after another.
    pub outlines: &'static [u8],
}

/// The bytes of a head, all numbers little endian: the three of the version, the kind, whether it is a draft, and how
/// many bytes the text and the outline have.
const HEAD: usize = 22;

/// The bytes of a checksum.
const SUM: usize = 32;

/// What is written of patches beside their texts.
#[cfg(feature = "parse")]
#[derive(Debug, Default)]
pub struct Written {
    /// As [`Embedded::files`].
    pub files: String,
    /// As [`Embedded::length`].
    pub length: usize,
    /// As [`Embedded::heads`].
    pub heads: Vec<u8>,
    /// As [`Embedded::sums`].
    pub sums: Vec<u8>,
    /// As [`Embedded::outlines`].
    pub outlines: Vec<u8>,
}

#[cfg(feature = "parse")]
impl Written {
    /// What is to be written of these.
    pub fn of(patches: &[Patch]) -> Written {
        let mut written = Written::default();
        for patch in patches {
            let outline = patch.outline.bytes();
            let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
            written.files.extend([&patch.file, "\n"]);
            written.length += patch.text.len();
            written.heads.extend(patch.version.parts().map(u32::to_le_bytes).as_flattened());
            written.heads.extend([patch.kind as u8, u8::from(patch.draft)]);
            written.heads.extend(length(patch.text.as_bytes()));
            written.heads.extend(length(outline));
            written.sums.extend(patch.checksum.bytes());
            written.sums.extend(patch.tokens.bytes());
            written.outlines.extend(outline);
        }
        written
    }
}

/// The patches that a program holds; asked for in a constant, so that it panics in the compiler.
///
/// The compiler reads the files once more, after they were checked. A text that became longer or shorter in between
/// would move those of all patches behind it.
///
/// # Panics
///
/// The texts have another length than when they were checked.
pub const fn patches(embedded: Embedded) -> PatchList {
    assert!(embedded.texts.len() == embedded.length, "a patch was edited while it was embedded: build again");
    PatchList::embedded(embedded)
}

/// A patch of its file's name, its text, its head, its checksums and its outline.
pub const fn patch(
    file: &'static str,
    text: &'static str,
    head: &[u8; HEAD],
    &[checksum, tokens]: &[[u8; SUM]; 2],
    outline: &'static [u8],
) -> Patch {
    let Head { version, kind, draft, .. } = Head::read(head);
    Patch {
        version,
        kind,
        draft,
        file: Cow::Borrowed(file),
        text: Cow::Borrowed(text),
        checksum: Checksum(checksum),
        tokens: Checksum(tokens),
        outline: Outline(Cow::Borrowed(outline)),
    }
}

impl Embedded {
    pub(crate) const NONE: Embedded =
        Embedded { files: "", texts: "", length: 0, heads: &[], sums: &[], outlines: &[] };

    /// The version of the last one.
    pub(crate) fn last(&self) -> Option<Version> {
        self.heads.as_chunks().0.last().map(|head| Head::read(head).version)
    }

    /// The patches.
    pub(crate) fn patches(&self) -> impl Iterator<Item = Patch> {
        let Embedded { files, mut texts, heads, sums, mut outlines, .. } = *self;
        let (heads, sums) = (heads.as_chunks().0, sums.as_chunks::<SUM>().0.as_chunks().0);
        files.lines().zip(heads).zip(sums).map_while(move |((file, head), sums)| {
            let Head { text, outline, .. } = Head::read(head);
            let (text, outline) = (texts.split_at_checked(text)?, outlines.split_at_checked(outline)?);
            (texts, outlines) = (text.1, outline.1);
            Some(patch(file, text.0, head, sums, outline.0))
        })
    }
}

/// What a head says.
struct Head {
    version: Version,
    kind: Kind,
    draft: bool,
    text: usize,
    outline: usize,
}

impl Head {
    const fn read(
        &[a, b, c, d, e, f, g, h, i, j, k, l, kind, draft, m, n, o, p, q, r, s, t]: &[u8; HEAD],
    ) -> Head {
        Head {
            version: Version {
                major: u32::from_le_bytes([a, b, c, d]),
                minor: u32::from_le_bytes([e, f, g, h]),
                point: u32::from_le_bytes([i, j, k, l]),
            },
            kind: match kind {
                0 => Kind::Std,
                1 => Kind::Direct,
                _ => Kind::Concurrent,
            },
            draft: draft == 1,
            text: u32::from_le_bytes([m, n, o, p]) as usize,
            outline: u32::from_le_bytes([q, r, s, t]) as usize,
        }
    }
}

#[cfg(all(test, feature = "parse"))]
mod tests {
    use super::*;

    #[test]
    fn patches_are_the_same_after_they_were_embedded() {
        let kinds = [(Kind::Std, false), (Kind::Direct, true), (Kind::Concurrent, false)];
        let texts = ["SELECT 'ä';", "", "SELECT 2;\n"];
        let outlines: [&[u8]; 3] = [b"an outline", b"", b"another"];
        let before: Vec<_> = kinds.into_iter().zip(texts).zip(outlines).zip(0..).collect();
        let before = before.into_iter().map(|((((kind, draft), text), outline), minor)| Patch {
            version: Version::new(1, minor * 300, i32::MAX as u32),
            kind,
            draft,
            file: format!("{minor}.sql").into(),
            text: text.into(),
            checksum: Checksum::of(text),
            tokens: Checksum::of(format!("{minor}")),
            outline: Outline(outline.into()),
        });
        let before: Vec<_> = before.collect();
        let Written { files, length, heads, sums, outlines } = Written::of(&before);
        let after = patches(Embedded {
            files: files.leak(),
            texts: "SELECT 'ä';SELECT 2;\n",
            length,
            heads: heads.leak(),
            sums: sums.leak(),
            outlines: outlines.leak(),
        });
        assert_eq!(after.last_version(), Some(Version::new(1, 600, i32::MAX as u32)));
        assert_eq!(*after, before);
        assert_eq!(after.last_version(), Some(Version::new(1, 600, i32::MAX as u32)));
    }

    #[test]
    #[should_panic = "a patch was edited while it was embedded"]
    fn texts_that_became_longer_are_refused() {
        patches(Embedded { texts: "SELECT 1;\n", length: 9, ..Embedded::NONE });
    }
}
