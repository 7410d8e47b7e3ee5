use std::fmt;

use migrate_core::{Bundle, Result, Version};
use migrate_runtime::{Migrator, Settings};

/// A way for bundles to get into an empty database.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way<'a> {
    /// As a new release does it.
    AtOnce,
    /// Each patch in a run of its own.
    OneByOne,
    /// By the patches that baselines stand for, and not by the baselines.
    Patches,
    /// By the create trees, where bundles have some.
    Tree,
    /// A hotfix, and those that follow it, where all the rest is in already.
    Late(&'a Bundle, Version),
}

impl<'a> Way<'a> {
    /// All ways that there are with these bundles.
    pub(super) fn all(bundles: &[&'a Bundle]) -> Vec<Way<'a>> {
        let late =
            bundles.iter().flat_map(|bundle| hotfixes(bundle).map(|version| Way::Late(bundle, version)));
        let squashed = bundles.iter().any(|bundle| has_squashed(bundle)).then_some(Way::Patches);
        let tree = bundles.iter().any(|bundle| bundle.create.is_some()).then_some(Way::Tree);
        [Way::AtOnce, Way::OneByOne].into_iter().chain(squashed).chain(tree).chain(late).collect()
    }

    /// Goes all of it but the last run, which has the facts as well.
    pub(super) async fn prepare(self, bundles: &[&Bundle], settings: &Settings) -> Result<()> {
        match self {
            Way::AtOnce => Ok(()),
            Way::OneByOne => one_by_one(bundles, settings).await,
            Way::Patches => {
                let early: Vec<Bundle> = bundles.iter().map(|bundle| without_baseline(bundle)).collect();
                Migrator::new(&early).run(settings).await.map(drop)
            }
            Way::Tree => {
                let early: Vec<Bundle> = bundles.iter().map(|bundle| patches_of(bundle)).collect();
                Migrator::new(&early).by_create_tree().run(settings).await.map(drop)
            }
            Way::Late(bundle, version) => {
                let without = |other: &&Bundle| match other.name == bundle.name {
                    true => without(other, version),
                    false => patches_of(other),
                };
                let early: Vec<Bundle> = bundles.iter().map(without).collect();
                Migrator::new(&early).run(settings).await.map(drop)
            }
        }
    }

    /// Whether columns must stand in the same order: what comes late can only be added at the end.
    pub(super) fn keeps_columns(self) -> bool {
        !matches!(self, Way::Late(..))
    }
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::AtOnce => f.write_str("all patches at once"),
            Way::OneByOne => f.write_str("the patches one by one"),
            Way::Patches => f.write_str("the patches instead of the baseline"),
            Way::Tree => f.write_str("the create tree instead of the patches"),
            Way::Late(bundle, version) => write!(f, "hotfix `{version}` of `{}` late", bundle.name),
        }
    }
}

async fn one_by_one(bundles: &[&Bundle], settings: &Settings) -> Result<()> {
    let mut early: Vec<Bundle> = Vec::new();
    for bundle in ordered(bundles) {
        early.push(patches_of(bundle));
        let versions = bundle.baseline.iter().chain(bundle.patches.iter()).map(|patch| patch.version);
        let above = bundle.baseline.as_ref().map(|baseline| baseline.version);
        for version in versions.filter(|version| Some(*version) >= above) {
            Migrator::new(&early).target(bundle.name.to_string(), version).run(settings).await?;
        }
    }
    Ok(())
}

/// The hotfixes that something else may come before.
fn hotfixes(bundle: &Bundle) -> impl Iterator<Item = Version> {
    let last = bundle.head().map(line);
    let above = bundle.baseline.as_ref().map(|baseline| baseline.version);
    let versions = bundle.patches.iter().map(|patch| patch.version);
    versions.filter(move |version| version.point > 0 && Some(*version) > above && Some(line(*version)) < last)
}

fn line(version: Version) -> (u32, u32) {
    (version.major, version.minor)
}

/// Whether patches are still there that a baseline stands for.
fn has_squashed(bundle: &Bundle) -> bool {
    let first = bundle.patches.first().map(|patch| patch.version);
    bundle.baseline.as_ref().is_some_and(|baseline| first.is_some_and(|first| first <= baseline.version))
}

/// The bundle before it had a baseline; one whose older patches are gone as it is.
fn without_baseline(bundle: &Bundle) -> Bundle {
    match has_squashed(bundle) {
        true => summed(Bundle { baseline: None, ..patches_of(bundle) }),
        false => patches_of(bundle),
    }
}

/// The bundle before it had a hotfix and those that follow it.
fn without(bundle: &Bundle, hotfix: Version) -> Bundle {
    let gone = |version: Version| line(version) == line(hotfix) && version >= hotfix;
    let patches = bundle.patches.iter().filter(|patch| !gone(patch.version)).cloned().collect::<Vec<_>>();
    summed(Bundle { patches: patches.into(), ..patches_of(bundle) })
}

fn summed(mut bundle: Bundle) -> Bundle {
    bundle.digest = bundle.digest_at(Version::new(u32::MAX, 0, 0));
    bundle
}

/// The bundle without its facts, which hold where the patches end.
pub(super) fn patches_of(bundle: &Bundle) -> Bundle {
    Bundle { facts: None, directory: None, ..bundle.clone() }
}

/// The bundles, each after those that it requires. Whether they require each other was found out by a boot.
pub(super) fn ordered<'a>(bundles: &[&'a Bundle]) -> Vec<&'a Bundle> {
    let (mut left, mut ordered) = (bundles.to_vec(), Vec::<&Bundle>::new());
    while !left.is_empty() {
        let waits = |bundle: &Bundle| left.iter().any(|other| bundle.requires.contains(&other.name));
        let next = left.iter().position(|bundle| !waits(bundle)).unwrap_or_default();
        ordered.push(left.remove(next));
    }
    ordered
}
