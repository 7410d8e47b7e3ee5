use std::borrow::Cow;

use crate::patch::Checksum;

/// Which facts a bundle has: their running number, and what their files sum up to.
///
/// The lock file numbers them, so that an older binary never deploys older facts over newer ones.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsRevision {
    /// The number, from 1.
    pub number: u32,
    /// Whether the lock file does not hold it yet: it may still change.
    pub draft: bool,
    /// What the files sum up to: [`digest`](crate::facts::digest), with feature `facts`.
    pub digest: Checksum,
    /// The digests of all locked revisions, the first one's first.
    pub locked: Cow<'static, [Checksum]>,
    /// Whether a boot only verifies them: patches are what makes them true.
    pub verify: bool,
}

impl FactsRevision {
    /// The revision of facts with this digest, given those that are locked.
    #[cfg(feature = "parse")]
    pub(crate) fn of(digest: Checksum, locked: &[Checksum], verify: bool) -> FactsRevision {
        let draft = locked.last() != Some(&digest);
        let number = u32::try_from(locked.len() + usize::from(draft)).unwrap_or(u32::MAX);
        FactsRevision { number, draft, digest, locked: locked.to_vec().into(), verify }
    }
}
