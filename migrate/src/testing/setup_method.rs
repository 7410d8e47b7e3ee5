use std::fmt;

use embed_migrate_core::{Bundle, Result, Version};
use embed_migrate_runtime::{Migrator, Settings};

/// How bundles are set up in an empty database.
#[derive(Debug, Clone, Copy)]
pub(super) enum SetupMethod<'a> {
    /// All patches in one run, as at a boot.
    AtOnce,
    /// Each patch in a run of its own.
    OneByOne,
    /// By the patches that baselines replace, instead of the baselines.
    Patches,
    /// By the create trees, if bundles have some.
    Tree,
    /// A hotfix and those that follow it, after all other patches.
    Late(&'a Bundle, Version),
}

impl<'a> SetupMethod<'a> {
    /// The setup methods that these bundles have.
    pub(super) fn all(bundles: &[&'a Bundle]) -> Vec<SetupMethod<'a>> {
        let late = bundles
            .iter()
            .flat_map(|bundle| hotfixes(bundle).map(|version| SetupMethod::Late(bundle, version)));
        let squashed = bundles.iter().any(|bundle| has_squashed(bundle)).then_some(SetupMethod::Patches);
        let tree = bundles.iter().any(|bundle| bundle.create_tree().is_some()).then_some(SetupMethod::Tree);
        [SetupMethod::AtOnce, SetupMethod::OneByOne]
            .into_iter()
            .chain(squashed)
            .chain(tree)
            .chain(late)
            .collect()
    }

    /// Does everything before the last run, which applies the rest and deploys the facts.
    pub(super) async fn prepare(self, bundles: &[&Bundle], settings: &Settings) -> Result<()> {
        match self {
            SetupMethod::AtOnce => Ok(()),
            SetupMethod::OneByOne => one_by_one(bundles, settings).await,
            SetupMethod::Patches => {
                let early: Vec<Bundle> = bundles.iter().map(|bundle| without_baseline(bundle)).collect();
                Migrator::new(&early).run(settings).await.map(drop)
            }
            SetupMethod::Tree => {
                let early: Vec<Bundle> = bundles.iter().map(|bundle| patches_of(bundle)).collect();
                Migrator::new(&early).with(|options| options.create_tree = true).run(settings).await.map(drop)
            }
            SetupMethod::Late(bundle, version) => {
                let without = |other: &&Bundle| match other.name() == bundle.name() {
                    true => without(other, version),
                    false => patches_of(other),
                };
                let early: Vec<Bundle> = bundles.iter().map(without).collect();
                Migrator::new(&early).run(settings).await.map(drop)
            }
        }
    }

    /// Whether columns must be in the same order: a late hotfix can only add columns at the end.
    pub(super) fn keeps_columns(self) -> bool {
        !matches!(self, SetupMethod::Late(..))
    }
}

impl fmt::Display for SetupMethod<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetupMethod::AtOnce => f.write_str("all patches at once"),
            SetupMethod::OneByOne => f.write_str("the patches one by one"),
            SetupMethod::Patches => f.write_str("the patches instead of the baseline"),
            SetupMethod::Tree => f.write_str("the create tree instead of the patches"),
            SetupMethod::Late(bundle, version) => write!(f, "hotfix `{version}` of `{}` late", bundle.name()),
        }
    }
}

async fn one_by_one(bundles: &[&Bundle], settings: &Settings) -> Result<()> {
    let mut early: Vec<Bundle> = Vec::new();
    for bundle in ordered(bundles) {
        early.push(patches_of(bundle));
        let versions =
            bundle.baseline().into_iter().chain(bundle.patches().iter()).map(|patch| patch.version());
        let above = bundle.baseline().map(|baseline| baseline.version());
        for version in versions.filter(|version| Some(*version) >= above) {
            Migrator::new(&early)
                .with(|options| {
                    options.targets.insert(bundle.name().to_string(), version);
                })
                .run(settings)
                .await?;
        }
    }
    Ok(())
}

/// The hotfixes before which patches of higher versions may be applied.
fn hotfixes(bundle: &Bundle) -> impl Iterator<Item = Version> {
    let last = bundle.head().map(line);
    let above = bundle.baseline().map(|baseline| baseline.version());
    let versions = bundle.patches().iter().map(|patch| patch.version());
    versions.filter(move |version| version.point > 0 && Some(*version) > above && Some(line(*version)) < last)
}

fn line(version: Version) -> (u32, u32) {
    (version.major, version.minor)
}

/// Whether the directory still has patches that a baseline replaces.
fn has_squashed(bundle: &Bundle) -> bool {
    let first = bundle.patches().first().map(|patch| patch.version());
    bundle.baseline().is_some_and(|baseline| first.is_some_and(|first| first <= baseline.version()))
}

/// The bundle without its baseline, if the patches that this replaces are still there.
fn without_baseline(bundle: &Bundle) -> Bundle {
    match has_squashed(bundle) {
        true => summed(patches_of(bundle).with(|parts| parts.baseline = None)),
        false => patches_of(bundle),
    }
}

/// The bundle without a hotfix and those that follow it.
fn without(bundle: &Bundle, hotfix: Version) -> Bundle {
    let gone = |version: Version| line(version) == line(hotfix) && version >= hotfix;
    let patches = bundle.patches().iter().filter(|patch| !gone(patch.version())).cloned().collect::<Vec<_>>();
    summed(patches_of(bundle).with(|parts| parts.patches = patches.into()))
}

fn summed(bundle: Bundle) -> Bundle {
    let digest = bundle.digest_at(Version::new(u32::MAX, 0, 0));
    bundle.with(|parts| parts.digest = digest)
}

/// The bundle without its facts, which may hold only after the last patch.
pub(super) fn patches_of(bundle: &Bundle) -> Bundle {
    bundle.clone().with(|parts| (parts.facts, parts.directory) = (None, None))
}

/// The bundles, each after those that it requires. A boot has already refused circles.
pub(super) fn ordered<'a>(bundles: &[&'a Bundle]) -> Vec<&'a Bundle> {
    let (mut left, mut ordered) = (bundles.to_vec(), Vec::<&Bundle>::new());
    while !left.is_empty() {
        let waits = |bundle: &Bundle| {
            left.iter().any(|other| bundle.requires().iter().any(|name| name == other.name()))
        };
        let next = left.iter().position(|bundle| !waits(bundle)).unwrap_or_default();
        ordered.push(left.remove(next));
    }
    ordered
}
