use std::borrow::Cow;

use crate::patch::{Checksum, Kind, Patch, PatchParts, Version};
use crate::statement::Outline;

/// Patches as a program holds them.
#[derive(Debug, Clone, Copy)]
pub struct EmbeddedPatches {
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

/// A patch of its file's name, its text, its head, its checksums and its outline.
pub const fn patch(
    file: &'static str,
    text: &'static str,
    head: &[u8; HEAD],
    &[checksum, tokens]: &[[u8; SUM]; 2],
    outline: &'static [u8],
) -> Patch {
    let PatchHeader { version, kind, draft, .. } = PatchHeader::read(head);
    Patch::new(PatchParts {
        version,
        kind,
        draft,
        file: Cow::Borrowed(file),
        text: Cow::Borrowed(text),
        checksum: Checksum(checksum),
        tokens: Checksum(tokens),
        outline: Outline(Cow::Borrowed(outline)),
    })
}

impl EmbeddedPatches {
    pub(crate) const NONE: EmbeddedPatches =
        EmbeddedPatches { files: "", texts: "", length: 0, heads: &[], sums: &[], outlines: &[] };

    /// The version of the last one.
    pub(crate) fn last(&self) -> Option<Version> {
        self.heads.as_chunks().0.last().map(|head| PatchHeader::read(head).version)
    }

    /// The patches.
    pub(crate) fn patches(&self) -> impl Iterator<Item = Patch> {
        let EmbeddedPatches { files, mut texts, heads, sums, mut outlines, .. } = *self;
        let (heads, sums) = (heads.as_chunks().0, sums.as_chunks::<SUM>().0.as_chunks().0);
        files.lines().zip(heads).zip(sums).map_while(move |((file, head), sums)| {
            let PatchHeader { text, outline, .. } = PatchHeader::read(head);
            let (text, outline) = (texts.split_at_checked(text)?, outlines.split_at_checked(outline)?);
            (texts, outlines) = (text.1, outline.1);
            Some(patch(file, text.0, head, sums, outline.0))
        })
    }
}

/// What a head says.
struct PatchHeader {
    version: Version,
    kind: Kind,
    draft: bool,
    text: usize,
    outline: usize,
}

impl PatchHeader {
    const fn read(
        &[a, b, c, d, e, f, g, h, i, j, k, l, kind, draft, m, n, o, p, q, r, s, t]: &[u8; HEAD],
    ) -> PatchHeader {
        PatchHeader {
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
