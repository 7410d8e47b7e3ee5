use std::borrow::Cow;
use std::sync::OnceLock;

use migrate_core::{Bundle, Checksum, Kind, Patch, Version};

const FIRST: &str = include_str!("patch-1-0-0-std.sql");

/// The bundle of the history's own tables, which the same code applies as every other; only its first patch
/// makes the table before it writes its row.
///
/// Its patches only add, so that an older binary can read what a newer one made.
pub(crate) fn own() -> &'static Bundle {
    static OWN: OnceLock<Bundle> = OnceLock::new();
    OWN.get_or_init(|| {
        let patches = vec![patch(Version::new(1, 0, 0), "patch-1-0-0-std.sql", FIRST)];
        let mut bundle = Bundle {
            name: Cow::Borrowed(NAME),
            requires: Cow::Borrowed(&[]),
            schema: None,
            lock_timeout: None,
            statement_timeout: None,
            baseline: None,
            patches: patches.into(),
            accepts: Cow::Borrowed(&[]),
            digest: Checksum::new([0; 32]),
            directory: None,
            revision: None,
        };
        bundle.digest = bundle.digest_at(Version::new(u32::MAX, 0, 0));
        bundle
    })
}

/// The name under which the history keeps its own patches.
pub(crate) const NAME: &str = "migrate";

// These files never change once they are released, not even in a comment, so the text serves for the tokens.
fn patch(version: Version, file: &'static str, text: &'static str) -> Patch {
    let checksum = Checksum::of(text);
    Patch {
        version,
        kind: Kind::Std,
        draft: false,
        file: file.into(),
        text: text.into(),
        checksum,
        tokens: checksum,
    }
}
