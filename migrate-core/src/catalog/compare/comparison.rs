use std::collections::BTreeMap;

use super::difference::{CatalogObject, Difference, DifferenceKind};
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::{DdlScript, enabled};
use crate::catalog::object_part::ObjectPart;

/// The differences of the second catalog from the first, in the order of kinds and names; empty if they are equal.
///
/// ```
/// use embed_migrate_core::catalog::{Catalog, Namespace, compare};
///
/// let (before, mut after) = (Catalog::default(), Catalog::default());
/// after.namespaces.insert("audit".to_owned(), Namespace::default());
/// let differences = compare(&before, &after);
/// assert_eq!(differences[0].to_string(), "schema `audit` is new");
/// assert_eq!(differences[0].fix, [r#"DROP SCHEMA "audit""#]);
/// ```
pub fn compare(before: &Catalog, after: &Catalog) -> Vec<Difference> {
    let mut comparison = Comparison {
        before: before.ddl(),
        after: after.ddl(),
        differences: Vec::new(),
        later: BTreeMap::new(),
    };
    comparison.schemas();
    comparison.extensions();
    comparison.types();
    comparison.functions();
    comparison.sequences();
    comparison.tables();
    comparison.missing_in_order();
    comparison.statistics();
    comparison.foreign();
    comparison.others();
    let outside = comparison.differences.len();
    comparison.publications();
    comparison.event_triggers();
    comparison.default_grants();
    let outside = comparison.differences.iter_mut().skip(outside);
    outside.filter(|(phase, _)| *phase == FixPhase::Change).for_each(|(phase, _)| *phase = FixPhase::Outside);
    let mut differences = comparison.differences;
    differences.sort_by_key(|(phase, _)| *phase);
    // Objects that are created first are dropped last.
    let drops = differences.partition_point(|(phase, _)| *phase < FixPhase::DropNewObjects);
    if let Some(drops) = differences.get_mut(drops..) {
        drops.reverse();
    }
    differences.into_iter().map(|(_, difference)| difference).collect()
}

pub(super) struct Comparison<'a> {
    pub(super) before: DdlScript<'a>,
    pub(super) after: DdlScript<'a>,
    pub(super) differences: Vec<(FixPhase, Difference)>,
    /// Missing tables, and missing functions that need them.
    pub(super) later: BTreeMap<ObjectPart, Difference>,
}

/// When the fix of a difference runs: the fixes run one after another, sorted by this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FixPhase {
    /// New tables and views are dropped first, because they may depend on everything else.
    DropNewTables,
    Change,
    /// Missing tables are created after the objects that they need.
    CreateMissingTables,
    /// Objects that refer to tables from outside, such as publications.
    Outside,
    /// New objects that tables may have depended on are dropped last.
    DropNewObjects,
}

impl Comparison<'_> {
    pub(super) fn missing(&mut self, object: CatalogObject, fix: Vec<String>) {
        self.differences.push((FixPhase::Change, Difference { object, kind: DifferenceKind::Missing, fix }));
    }

    /// Adds a difference for a new part of a table.
    pub(super) fn added(&mut self, object: CatalogObject, drop: String) {
        self.differences
            .push((FixPhase::Change, Difference { object, kind: DifferenceKind::Added, fix: vec![drop] }));
    }

    /// Adds a difference for a new object.
    pub(super) fn unneeded(&mut self, object: CatalogObject, drop: String) {
        self.differences.push((
            FixPhase::DropNewObjects,
            Difference { object, kind: DifferenceKind::Added, fix: vec![drop] },
        ));
    }

    /// Returns both sides of an object. If there is only one, adds a difference: the object is missing, or it is new
    /// and is dropped in the given phase.
    pub(super) fn both<'v, V>(
        &mut self,
        phase: FixPhase,
        (object, drop): (&CatalogObject, &str),
        pair: (Option<&'v V>, Option<&'v V>),
        create: impl FnOnce(&DdlScript<'_>, &V) -> Vec<String>,
    ) -> Option<(&'v V, &'v V)> {
        match pair {
            (Some(before), Some(after)) => return Some((before, after)),
            (Some(before), None) => {
                let fix = create(&self.before, before);
                self.missing(object.clone(), fix);
            }
            (None, _) if phase == FixPhase::DropNewObjects => self.unneeded(object.clone(), drop.to_owned()),
            (None, _) => self.added(object.clone(), drop.to_owned()),
        }
        None
    }

    /// Compares the definition of an object that is dropped and created again if it differs.
    pub(super) fn definition(
        &mut self,
        object: &CatalogObject,
        texts: (&str, &str),
        drop: &str,
        create: &[String],
    ) {
        self.aspect(object, "definition", texts, || {
            std::iter::once(drop.to_owned()).chain(create.iter().cloned()).collect()
        });
    }

    /// Compares one aspect of an object; the fix is computed only if it differs.
    pub(super) fn aspect<T: PartialEq + Show + ?Sized>(
        &mut self,
        object: &CatalogObject,
        aspect: &'static str,
        (before, after): (&T, &T),
        fix: impl FnOnce() -> Vec<String>,
    ) {
        if before != after {
            let kind = DifferenceKind::Changed { aspect, before: before.show(), after: after.show() };
            let difference = Difference { object: object.clone(), kind, fix: fix() };
            self.differences.push((FixPhase::Change, difference));
        }
    }
}

/// A value as a difference shows it.
pub(super) trait Show {
    fn show(&self) -> Option<String>;
}

impl Show for str {
    fn show(&self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Show for String {
    fn show(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl<T: Show> Show for Option<T> {
    fn show(&self) -> Option<String> {
        self.as_ref().and_then(Show::show)
    }
}

impl Show for Vec<String> {
    fn show(&self) -> Option<String> {
        if self.is_empty() { None } else { Some(self.join(", ")) }
    }
}

impl Show for bool {
    fn show(&self) -> Option<String> {
        Some(if *self { "on" } else { "off" }.to_owned())
    }
}

impl Show for i16 {
    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// Whether triggers and rules are enabled.
impl Show for char {
    fn show(&self) -> Option<String> {
        Some(enabled(*self).to_owned())
    }
}

pub(super) fn object(kind: &str, name: impl Into<String>) -> CatalogObject {
    CatalogObject { kind: kind.to_owned(), name: name.into() }
}

/// The statement that creates an object, without the statements after it.
pub(super) fn first(statements: &[String]) -> &str {
    statements.first().map_or("", String::as_str)
}

/// Pairs the values with the same key.
pub(super) fn pairs<K: Ord, V>(
    before: impl IntoIterator<Item = (K, V)>,
    after: impl IntoIterator<Item = (K, V)>,
) -> BTreeMap<K, (Option<V>, Option<V>)> {
    let mut pairs: BTreeMap<K, (Option<V>, Option<V>)> =
        before.into_iter().map(|(key, value)| (key, (Some(value), None))).collect();
    for (key, value) in after {
        pairs.entry(key).or_default().1 = Some(value);
    }
    pairs
}
