//! What `embed_migrations!()` expands to: no part of the public interface.
//!
//! A compiler type-checks and interprets ten thousand literals of [`Patch`] in five seconds. It takes in a
//! long byte string at no cost, so only the texts and the names of the files are written out, and a constant
//! function puts the patches together, with few calls: each costs some microseconds a patch.

use std::borrow::Cow;
use std::mem::{forget, replace};

use crate::{Checksum, Kind, Outline, Patch, Version};

/// A patch's text and its file's name.
pub type Raw = (&'static str, &'static str);

/// The bytes of a head: the three numbers of the version (little endian), the kind, whether it is a draft, how many
/// bytes the outline has (little endian).
const HEAD: usize = 18;

/// The bytes of a checksum; there are two a patch, of the text and of the tokens.
const SUM: usize = 32;

/// The head of a patch.
#[cfg(feature = "parse")]
pub fn head(patch: &Patch) -> [u8; HEAD] {
    let [[a, b, c, d], [e, f, g, h], [i, j, k, l]] = patch.version.parts().map(u32::to_le_bytes);
    let [m, n, o, p] = u32::try_from(patch.outline.bytes().len()).unwrap_or(u32::MAX).to_le_bytes();
    [a, b, c, d, e, f, g, h, i, j, k, l, patch.kind as u8, patch.draft as u8, m, n, o, p]
}

/// The patches of their texts, names, heads, checksums and outlines.
pub const fn patches<const N: usize>(
    raw: &[Raw; N],
    heads: &[u8],
    sums: &[u8],
    mut outlines: &'static [u8],
) -> [Patch; N] {
    let mut patches = [const { EMPTY }; N];
    let mut slots = patches.as_mut_slice();
    let (mut raw, mut heads, mut sums) =
        (raw.as_slice(), heads.as_chunks::<HEAD>().0, sums.as_chunks::<SUM>().0);
    while let (
        [slot, slots_rest @ ..],
        [first, raw_rest @ ..],
        [head, heads_rest @ ..],
        [checksum, tokens, sums_rest @ ..],
    ) = (slots, raw, heads, sums)
    {
        let &[.., m, n, o, p] = head;
        let mut outline: &[u8] = &[];
        // Few patches have any.
        if m | n | o | p > 0
            && let Some(split) = outlines.split_at_checked(u32::from_le_bytes([m, n, o, p]) as usize)
        {
            (outline, outlines) = split;
        }
        // An assignment would drop the empty patch, which a constant may not.
        forget(replace(slot, patch(first, head, checksum, tokens, outline)));
        (slots, raw, heads, sums) = (slots_rest, raw_rest, heads_rest, sums_rest);
    }
    patches
}

/// The patch of its text, name, head, checksums and outline.
pub const fn patch(
    &(text, file): &Raw,
    head: &[u8; HEAD],
    checksum: &[u8; SUM],
    tokens: &[u8; SUM],
    outline: &'static [u8],
) -> Patch {
    let &[a, b, c, d, e, f, g, h, i, j, k, l, kind, draft, ..] = head;
    Patch {
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
        file: Cow::Borrowed(file),
        text: Cow::Borrowed(text),
        checksum: Checksum(*checksum),
        tokens: Checksum(*tokens),
        outline: Outline(Cow::Borrowed(outline)),
    }
}

// Owned texts hold no reference. The compiler keeps those of a constant in a sorted list, and to replace one
// in its middle moves all that follow.
const EMPTY: Patch = Patch {
    version: Version::new(0, 0, 0),
    kind: Kind::Std,
    draft: false,
    file: Cow::Owned(String::new()),
    text: Cow::Owned(String::new()),
    checksum: Checksum::new([0; SUM]),
    tokens: Checksum::new([0; SUM]),
    outline: Outline(Cow::Owned(Vec::new())),
};

#[cfg(all(test, feature = "parse"))]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_the_same_after_it_was_embedded() {
        for (kind, draft) in [(Kind::Std, false), (Kind::Direct, true), (Kind::Concurrent, false)] {
            let before = Patch {
                version: Version::new(1, 300, i32::MAX as u32),
                kind,
                draft,
                file: "a.sql".into(),
                text: "SELECT 1;".into(),
                checksum: Checksum::of("a"),
                tokens: Checksum::of("b"),
                outline: Outline(Cow::Borrowed(b"an outline")),
            };
            let sums = [*before.checksum.bytes(), *before.tokens.bytes()];
            let (head, outline) = (head(&before), b"an outline");
            assert_eq!(patches(&[("SELECT 1;", "a.sql")], &head, sums.as_flattened(), outline), [before]);
        }
    }
}
