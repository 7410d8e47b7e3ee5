use std::borrow::Cow;

use crate::patch::Checksum;

/// The revision of a bundle's facts: its number, and the digest of its files.
///
/// The lock file numbers them, so that an older binary never deploys older facts over newer ones.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsRevision {
    /// The number, from 1.
    pub(crate) number: u32,
    /// Whether the lock file does not have it yet, so that it may still change.
    pub(crate) draft: bool,
    /// The digest of the files: [`digest`](crate::facts::digest), with feature `facts`.
    pub(crate) digest: Checksum,
    /// The digests of all locked revisions, in order.
    pub(crate) locked: Cow<'static, [Checksum]>,
    /// Whether a boot verifies the facts instead of deploying them, because patches make them true.
    pub(crate) verify: bool,
}

impl FactsRevision {
    /// A revision, as `embed_migrations!()` writes it.
    pub const fn new(
        number: u32,
        draft: bool,
        digest: Checksum,
        locked: Cow<'static, [Checksum]>,
        verify: bool,
    ) -> FactsRevision {
        FactsRevision { number, draft, digest, locked, verify }
    }

    /// The number, from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Whether the lock file does not have it yet.
    pub fn is_draft(&self) -> bool {
        self.draft
    }

    /// The digest of the files.
    pub fn digest(&self) -> Checksum {
        self.digest
    }

    /// The digests of all locked revisions, in order.
    pub fn locked(&self) -> &[Checksum] {
        &self.locked
    }

    /// Whether a boot verifies the facts instead of deploying them.
    pub fn is_only_verified(&self) -> bool {
        self.verify
    }

    /// The same, which runs deploy even if they should only verify it: for a database of our own.
    #[doc(hidden)]
    pub fn deployed(self) -> FactsRevision {
        FactsRevision { verify: false, ..self }
    }

    /// The revision of facts with this digest, given those that are locked.
    #[cfg(feature = "parse")]
    pub(crate) fn of(digest: Checksum, locked: &[Checksum], verify: bool) -> FactsRevision {
        let draft = locked.last() != Some(&digest);
        let number = u32::try_from(locked.len() + usize::from(draft)).unwrap_or(u32::MAX);
        FactsRevision { number, draft, digest, locked: locked.to_vec().into(), verify }
    }
}
