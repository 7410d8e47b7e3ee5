use crate::patch::Patch;

/// Patches as the macro writes them beside their texts: the input of an [`EmbeddedPatches`](super::EmbeddedPatches).
#[derive(Debug, Default)]
pub struct EncodedPatches {
    /// As `EmbeddedPatches::files`.
    pub files: String,
    /// As `EmbeddedPatches::length`.
    pub length: usize,
    /// As `EmbeddedPatches::heads`.
    pub heads: Vec<u8>,
    /// As `EmbeddedPatches::sums`.
    pub sums: Vec<u8>,
    /// As `EmbeddedPatches::outlines`.
    pub outlines: Vec<u8>,
}

impl EncodedPatches {
    /// Encodes these patches.
    pub fn of(patches: &[Patch]) -> EncodedPatches {
        let mut encoded = EncodedPatches::default();
        for patch in patches {
            let outline = patch.outline().bytes();
            let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
            encoded.files.extend([patch.file(), "\n"]);
            encoded.length += patch.text().len();
            encoded.heads.extend(patch.version().parts().map(u32::to_le_bytes).as_flattened());
            encoded.heads.extend([patch.kind() as u8, u8::from(patch.is_draft())]);
            encoded.heads.extend(length(patch.text().as_bytes()));
            encoded.heads.extend(length(outline));
            encoded.sums.extend(patch.checksum().bytes());
            encoded.sums.extend(patch.tokens().bytes());
            encoded.outlines.extend(outline);
        }
        encoded
    }
}

#[cfg(test)]
mod tests {
    use super::super::embedded_patches::EmbeddedPatches;
    use super::super::patch_list::PatchList;
    use super::*;
    use crate::patch::{Checksum, Kind, PatchParts, Version};
    use crate::statement::Outline;

    #[test]
    fn patches_are_the_same_after_they_were_embedded() {
        let kinds = [(Kind::Std, false), (Kind::Direct, true), (Kind::Concurrent, false)];
        let texts = ["SELECT 'ä';", "", "SELECT 2;\n"];
        let outlines: [&[u8]; 3] = [b"an outline", b"", b"another"];
        let before: Vec<_> = kinds.into_iter().zip(texts).zip(outlines).zip(0..).collect();
        let before = before.into_iter().map(|((((kind, draft), text), outline), minor)| {
            Patch::new(PatchParts {
                version: Version::new(1, minor * 300, i32::MAX as u32),
                kind,
                draft,
                file: format!("{minor}.sql").into(),
                text: text.into(),
                checksum: Checksum::of(text),
                tokens: Checksum::of(format!("{minor}")),
                outline: Outline(outline.into()),
            })
        });
        let before: Vec<_> = before.collect();
        let EncodedPatches { files, length, heads, sums, outlines } = EncodedPatches::of(&before);
        let after = PatchList::embedded(EmbeddedPatches {
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
        PatchList::embedded(EmbeddedPatches { texts: "SELECT 1;\n", length: 9, ..EmbeddedPatches::NONE });
    }
}
