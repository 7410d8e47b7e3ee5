use std::borrow::Cow;

use super::accept::{Accept, accepted};
use super::create_tree::CreateTree;
use super::declared_schema::DeclaredSchema;
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
    parts: BundleParts,
}

/// What [`Bundle::new`] takes: no part of the public interface.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleParts {
    pub name: Cow<'static, str>,
    pub separate: bool,
    pub requires: Cow<'static, [Cow<'static, str>]>,
    pub schema: Option<Cow<'static, str>>,
    pub trust: Cow<'static, [Cow<'static, str>]>,
    pub lock_timeout: Option<Timeout>,
    pub statement_timeout: Option<Timeout>,
    pub baseline: Option<Patch>,
    pub patches: PatchList,
    pub downs: PatchList,
    pub create: Option<CreateTree>,
    pub declared: Option<DeclaredSchema>,
    pub facts: Option<FactsRevision>,
    pub files: Cow<'static, [(Cow<'static, str>, Cow<'static, str>)]>,
    pub accepts: Cow<'static, [Accept]>,
    pub digest: Checksum,
    pub directory: Option<Cow<'static, str>>,
    pub manifest: Option<Cow<'static, str>>,
    pub revision: Option<Cow<'static, str>>,
}

impl Bundle {
    /// A bundle of its parts, as `embed_migrations!()` writes them.
    #[doc(hidden)]
    pub const fn new(parts: BundleParts) -> Bundle {
        Bundle { parts }
    }

    /// The name under which the history keeps its patches: that of the lock file, which was written when the bundle was
    /// first locked; before that `bundle.yaml`'s, or else the crate's.
    pub fn name(&self) -> &str {
        &self.parts.name
    }

    /// Whether a database may have its patches under another name, or in another history: `history: separate`.
    pub fn is_separate(&self) -> bool {
        self.parts.separate
    }

    /// The bundles that come before this one.
    pub fn requires(&self) -> &[Cow<'static, str>] {
        &self.parts.requires
    }

    /// The schema that comes first in the search path of its patches; `None` leaves the role's own path.
    pub fn schema(&self) -> Option<&str> {
        self.parts.schema.as_deref()
    }

    /// Roles whose objects are trusted, beside those that always are; see `RunOptions::trust`.
    pub fn trust(&self) -> &[Cow<'static, str>] {
        &self.parts.trust
    }

    /// How long its patches wait for a lock, if neither a directive nor the caller says.
    pub fn lock_timeout(&self) -> Option<Timeout> {
        self.parts.lock_timeout
    }

    /// How long one statement of its patches may run, if no directive says.
    pub fn statement_timeout(&self) -> Option<Timeout> {
        self.parts.statement_timeout
    }

    /// The patch that replaces all patches up to its version in an empty history.
    pub fn baseline(&self) -> Option<&Patch> {
        self.parts.baseline.as_ref()
    }

    /// The patches in the order of their versions, without gaps.
    pub fn patches(&self) -> &PatchList {
        &self.parts.patches
    }

    /// The ways back, `NAME.down.sql`, in the order of the versions that they undo. Each has the version, kind and file of its
    /// own; they are in no lock file.
    pub fn downs(&self) -> &PatchList {
        &self.parts.downs
    }

    /// What makes a fresh database instead of the patches, if there is a directory `create`.
    #[doc(hidden)]
    pub fn create_tree(&self) -> Option<&CreateTree> {
        self.parts.create.as_ref()
    }

    /// The schema in plain SQL that its patches are to lead to, if it has one instead of facts. It is not embedded: only a
    /// bundle that was read from a directory has it.
    pub fn declared_schema(&self) -> Option<&DeclaredSchema> {
        self.parts.declared.as_ref()
    }

    /// Its facts, if it has any.
    #[doc(hidden)]
    pub fn facts(&self) -> Option<&FactsRevision> {
        self.parts.facts.as_ref()
    }

    /// The files of its facts and of patches whose body is facts: path from the bundle's root, and text.
    pub fn files(&self) -> &[(Cow<'static, str>, Cow<'static, str>)] {
        &self.parts.files
    }

    /// Reviewed edits of applied patches.
    pub fn accepted_edits(&self) -> &[Accept] {
        &self.parts.accepts
    }

    /// What [`Bundle::digest_at`] returns for the last version; stored, so that a boot does not compute it.
    pub fn digest(&self) -> Checksum {
        self.parts.digest
    }

    /// The directory that it was embedded from: only in debug builds.
    pub fn directory(&self) -> Option<&str> {
        self.parts.directory.as_deref()
    }

    /// The text of its `bundle.yaml`, if it has one and the directory is known.
    pub fn manifest(&self) -> Option<&str> {
        self.parts.manifest.as_deref()
    }

    /// The git revision that it was built from, if `embed_migrate_core::build::revision` recorded it.
    pub fn revision(&self) -> Option<&str> {
        self.parts.revision.as_deref()
    }

    /// The bundle with other parts.
    #[doc(hidden)]
    pub fn with(mut self, change: impl FnOnce(&mut BundleParts)) -> Bundle {
        change(&mut self.parts);
        self
    }
}

impl Bundle {
    /// The version of the bundle's last patch, or of its baseline; `None` if the bundle is empty.
    pub fn head(&self) -> Option<Version> {
        self.patches().last_version().max(self.baseline().map(|baseline| baseline.version()))
    }

    /// The patch of that version.
    pub fn patch(&self, version: Version) -> Option<&Patch> {
        let index = self.patches().binary_search_by_key(&version, |patch| patch.version()).ok()?;
        self.patches().get(index)
    }

    /// The way back of that patch.
    pub fn down(&self, version: Version) -> Option<&Patch> {
        self.downs().iter().find(|down| down.version() == version)
    }

    /// Whether the bundle has that patch, or a baseline that replaces it.
    pub(crate) fn has(&self, version: Version) -> bool {
        let baseline = self.baseline().map(|baseline| baseline.version());
        baseline >= Some(version) || self.patch(version).is_some()
    }

    /// What the bundle sums up to, up to `version`: SHA-256 over one line a patch, `1.0.0 std sha256:…` with the
    /// checksum of its tokens, and before them that of the baseline, `baseline 4.0.0 std sha256:…`; joined by
    /// line feeds.
    pub fn digest_at(&self, version: Version) -> Checksum {
        self.digest_of(|patch| patch.version() <= version)
    }

    /// The same over some of the patches.
    pub(crate) fn digest_of(&self, wanted: impl Fn(&Patch) -> bool) -> Checksum {
        let baseline = self.baseline().filter(|patch| wanted(patch)).map(|patch| line(patch, true));
        let patches = self.patches().iter().filter(|patch| wanted(patch)).map(|patch| line(patch, false));
        sum(baseline.into_iter().chain(patches))
    }

    /// Up to where the history's rows don't matter: the baseline replaces them, and no patch is there to hold
    /// them against.
    pub fn floor(&self) -> Option<Version> {
        let baseline = self.baseline()?.version();
        let first = self.patches().first().map(|patch| patch.version());
        first.is_none_or(|first| first > baseline).then_some(baseline)
    }

    /// What the rows of a history that has all that is in the bundle up to `version` sum up to, beyond
    /// [`Bundle::floor`] and as [`Bundle::digest_at`] does it: where patches made the database, and where the
    /// baseline did.
    pub fn history_digests(&self, version: Version) -> [Checksum; 2] {
        let baseline = self.baseline().filter(|patch| patch.version() <= version);
        let stood_for = baseline.map(|patch| patch.version());
        let lines = |above: Option<Version>| {
            let wanted = move |patch: &&Patch| Some(patch.version()) > above && patch.version() <= version;
            self.patches().iter().filter(wanted).map(|patch| line(patch, false))
        };
        let created = baseline.map(|patch| line(patch, true)).into_iter().chain(lines(stood_for));
        [sum(lines(self.floor())), sum(created)]
    }

    /// Whether a patch that was applied with tokens `old` and has `new` now was reviewed, in one step or several.
    pub fn accepts(&self, version: Version, old: Checksum, new: Checksum) -> bool {
        accepted(&self.parts.accepts, version, old, new)
    }

    /// A version of this bundle, for an option that names one.
    ///
    /// # Errors
    ///
    /// The bundle has no patch of that version.
    pub fn target(&self, version: Version) -> Result<Version, Error> {
        let known = self.patch(version).or(self.baseline().filter(|baseline| baseline.version() == version));
        known.map(|patch| patch.version()).ok_or_else(|| {
            let head = self.head().map_or("it is empty".into(), |head| format!("it ends at `{head}`"));
            Error::new(ErrorKind::Missing, format!("bundle `{}` has no patch `{version}`", self.name()))
                .help(head)
        })
    }
}

fn line(patch: &Patch, baseline: bool) -> String {
    let word = if baseline { "baseline " } else { "" };
    format!("{word}{} {} {}", patch.version(), patch.kind(), patch.tokens())
}

fn sum(lines: impl Iterator<Item = String>) -> Checksum {
    Checksum::of(lines.collect::<Vec<_>>().join("\n"))
}
