use std::borrow::Cow;

use super::create_tree::CreateTree;
use super::facts_revision::FactsRevision;
use crate::embed::PatchList;
use crate::error::{Error, ErrorKind};
use crate::patch::{Checksum, Patch, Timeout, Version};

/// The name of the file that says what a bundle is called and requires.
pub const MANIFEST: &str = "bundle.yaml";

/// The name of the file that keeps a bundle's name and its patches' checksums.
pub const LOCK_FILE: &str = "migrations.lock";

/// The named set of patches that one crate embeds.
///
/// `embed_migrations!()` makes one in a `static`; `Bundle::read` (feature `parse`) reads one from a
/// directory and `Bundle::from_dir` (feature `dir`) from an embedded one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The name under which the history keeps its patches: that of the lock file, where it was written when the bundle was
    /// first locked; before that `bundle.yaml`'s, or else the crate's.
    pub name: Cow<'static, str>,
    /// Whether a database may have its patches under another name, or in another history: `history: separate`.
    pub separate: bool,
    /// The bundles that come before this one.
    pub requires: Cow<'static, [Cow<'static, str>]>,
    /// The schema that comes first in the search path of its patches; the role's own path where there is none.
    pub schema: Option<Cow<'static, str>>,
    /// Roles whose objects are trusted, beside those that always are; see `Migrator::trust`.
    pub trust: Cow<'static, [Cow<'static, str>]>,
    /// How long its patches wait for a lock, where neither a directive nor the caller says.
    pub lock_timeout: Option<Timeout>,
    /// How long one statement of its patches may run, where no directive says.
    pub statement_timeout: Option<Timeout>,
    /// Stands for all patches up to its version where the history is empty.
    pub baseline: Option<Patch>,
    /// The patches in the order of their versions, without gaps.
    pub patches: PatchList,
    /// The ways back, `NAME.down.sql`, in the order of the versions that they take back; each is as its patch, with a text
    /// of its own. They are in no lock file.
    pub downs: PatchList,
    /// What makes a fresh database instead of the patches, if there is a directory `create`.
    pub create: Option<CreateTree>,
    /// Its facts, if it has any.
    pub facts: Option<FactsRevision>,
    /// The files of its facts and of patches whose body is facts: path from the bundle's root, and text.
    pub files: Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>,
    /// Reviewed edits of applied patches.
    pub accepts: Cow<'static, [Accept]>,
    /// What [`Bundle::digest_at`] gives for the last version; kept, so that a boot needs not compute it.
    pub digest: Checksum,
    /// The directory it was embedded from: in debug builds, and while it is there.
    pub directory: Option<Cow<'static, str>>,
    /// The text of its `bundle.yaml`, where it has one and the directory is known.
    pub manifest: Option<Cow<'static, str>>,
    /// The git revision it was built from, if `migrate_core::build::revision` recorded it.
    pub revision: Option<Cow<'static, str>>,
}

/// An `accept` line of the lock file: an edit that was reviewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept {
    /// The patch that was edited.
    pub version: Version,
    /// The tokens' checksum before.
    pub old: Checksum,
    /// The tokens' checksum after.
    pub new: Checksum,
    /// Why it is the same in effect.
    pub reason: Cow<'static, str>,
}

impl Bundle {
    /// Where the bundle ends: the version of its last patch, or of its baseline; `None` where it is empty.
    pub fn head(&self) -> Option<Version> {
        self.patches.last_version().max(self.baseline.as_ref().map(|baseline| baseline.version))
    }

    /// The patch of that version.
    pub fn patch(&self, version: Version) -> Option<&Patch> {
        let index = self.patches.binary_search_by_key(&version, |patch| patch.version).ok()?;
        self.patches.get(index)
    }

    /// The way back of that patch.
    pub fn down(&self, version: Version) -> Option<&Patch> {
        self.downs.iter().find(|down| down.version == version)
    }

    /// Whether the bundle has that patch, or a baseline that stands for it.
    pub(crate) fn has(&self, version: Version) -> bool {
        let baseline = self.baseline.as_ref().map(|baseline| baseline.version);
        baseline >= Some(version) || self.patch(version).is_some()
    }

    /// What the bundle sums up to, up to `version`: SHA-256 over one line a patch, `1.0.0 std sha256:…` with the
    /// checksum of its tokens, and before them that of the baseline, `baseline 4.0.0 std sha256:…`; joined by
    /// line feeds.
    pub fn digest_at(&self, version: Version) -> Checksum {
        self.digest_of(|patch| patch.version <= version)
    }

    /// The same over some of the patches.
    pub(crate) fn digest_of(&self, wanted: impl Fn(&Patch) -> bool) -> Checksum {
        let baseline = self.baseline.as_ref().filter(|patch| wanted(patch)).map(|patch| line(patch, true));
        let patches = self.patches.iter().filter(|patch| wanted(patch)).map(|patch| line(patch, false));
        sum(baseline.into_iter().chain(patches))
    }

    /// Up to where the history's rows don't matter: the baseline stands for them, and no patch is there to hold
    /// them against.
    pub fn floor(&self) -> Option<Version> {
        let baseline = self.baseline.as_ref()?.version;
        let first = self.patches.first().map(|patch| patch.version);
        first.is_none_or(|first| first > baseline).then_some(baseline)
    }

    /// What the rows of a history that has all that is in the bundle up to `version` sum up to, beyond
    /// [`Bundle::floor`] and as [`Bundle::digest_at`] does it: where patches made the database, and where the
    /// baseline did.
    pub fn history_digests(&self, version: Version) -> [Checksum; 2] {
        let baseline = self.baseline.as_ref().filter(|patch| patch.version <= version);
        let stood_for = baseline.map(|patch| patch.version);
        let lines = |above: Option<Version>| {
            let wanted = move |patch: &&Patch| Some(patch.version) > above && patch.version <= version;
            self.patches.iter().filter(wanted).map(|patch| line(patch, false))
        };
        let made = baseline.map(|patch| line(patch, true)).into_iter().chain(lines(stood_for));
        [sum(lines(self.floor())), sum(made)]
    }

    /// Whether a patch that was applied with tokens `old` and has `new` now was reviewed, in one step or several.
    pub fn accepts(&self, version: Version, old: Checksum, new: Checksum) -> bool {
        accepted(&self.accepts, version, old, new)
    }

    /// A version of this bundle, for an option that names one.
    ///
    /// # Errors
    ///
    /// The bundle has no patch of that version.
    pub fn target(&self, version: Version) -> Result<Version, Error> {
        let known =
            self.patch(version).or(self.baseline.as_ref().filter(|baseline| baseline.version == version));
        known.map(|patch| patch.version).ok_or_else(|| {
            let head = self.head().map_or("it is empty".into(), |head| format!("it ends at `{head}`"));
            Error::new(ErrorKind::Missing, format!("bundle `{}` has no patch `{version}`", self.name))
                .help(head)
        })
    }
}

fn line(patch: &Patch, baseline: bool) -> String {
    let word = if baseline { "baseline " } else { "" };
    format!("{word}{} {} {}", patch.version, patch.kind, patch.tokens)
}

fn sum(lines: impl Iterator<Item = String>) -> Checksum {
    Checksum::of(lines.collect::<Vec<_>>().join("\n"))
}

/// Whether accept lines lead from `old` to `new`, in one step or several.
pub(crate) fn accepted(accepts: &[Accept], version: Version, old: Checksum, new: Checksum) -> bool {
    let mut reached = vec![old];
    let mut next = 0;
    while let Some(from) = reached.get(next).copied() {
        if from == new {
            return true;
        }
        for accept in accepts.iter().filter(|accept| accept.version == version && accept.old == from) {
            if !reached.contains(&accept.new) {
                reached.push(accept.new);
            }
        }
        next += 1;
    }
    false
}
