use std::collections::BTreeMap;

use super::difference::{Difference, DifferenceKind, ObjectName};
use crate::catalog::catalog::Catalog;
use crate::catalog::ddl::{Ddl, enabled};
use crate::catalog::object_part::ObjectPart;

/// What differs in the second catalog, in the order of kinds and names; nothing where they are equal.
///
/// ```
/// use migrate_core::catalog::{Catalog, Namespace, compare};
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
    comparison.missing_in_turn();
    comparison.statistics();
    comparison.foreign();
    comparison.others();
    let outside = comparison.differences.len();
    comparison.publications();
    comparison.event_triggers();
    comparison.default_grants();
    let outside = comparison.differences.iter_mut().skip(outside);
    outside.filter(|(turn, _)| *turn == FixPhase::Change).for_each(|(turn, _)| *turn = FixPhase::Last);
    let mut differences = comparison.differences;
    differences.sort_by_key(|(turn, _)| *turn);
    // What is made first is dropped last.
    let drops = differences.partition_point(|(turn, _)| *turn < FixPhase::Drop);
    if let Some(drops) = differences.get_mut(drops..) {
        drops.reverse();
    }
    differences.into_iter().map(|(_, difference)| difference).collect()
}

pub(super) struct Comparison<'a> {
    pub(super) before: Ddl<'a>,
    pub(super) after: Ddl<'a>,
    pub(super) differences: Vec<(FixPhase, Difference)>,
    /// Tables that are missing, and functions that need them.
    pub(super) later: BTreeMap<ObjectPart, Difference>,
}

/// When the fix of a difference runs: the fixes run one after another, sorted by this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum FixPhase {
    /// Tables and views that are new go first, since they hold on to the rest.
    DropTable,
    Change,
    /// Those that are missing come when what they need is there.
    CreateTable,
    /// What looks at tables from outside.
    Last,
    /// What tables may hold on to.
    Drop,
}

impl Comparison<'_> {
    pub(super) fn missing(&mut self, object: ObjectName, fix: Vec<String>) {
        self.differences.push((FixPhase::Change, Difference { object, kind: DifferenceKind::Missing, fix }));
    }

    /// A part of a table that is new.
    pub(super) fn added(&mut self, object: ObjectName, drop: String) {
        self.differences
            .push((FixPhase::Change, Difference { object, kind: DifferenceKind::Added, fix: vec![drop] }));
    }

    /// An object that is new.
    pub(super) fn unneeded(&mut self, object: ObjectName, drop: String) {
        self.differences
            .push((FixPhase::Drop, Difference { object, kind: DifferenceKind::Added, fix: vec![drop] }));
    }

    /// Both sides of an object; where there is one, it is missing, or it is new and dropped when its turn comes.
    pub(super) fn both<'v, V>(
        &mut self,
        turn: FixPhase,
        (object, drop): (&ObjectName, &str),
        pair: (Option<&'v V>, Option<&'v V>),
        create: impl FnOnce(&Ddl<'_>, &V) -> Vec<String>,
    ) -> Option<(&'v V, &'v V)> {
        match pair {
            (Some(before), Some(after)) => return Some((before, after)),
            (Some(before), None) => {
                let fix = create(&self.before, before);
                self.missing(object.clone(), fix);
            }
            (None, _) if turn == FixPhase::Drop => self.unneeded(object.clone(), drop.to_owned()),
            (None, _) => self.added(object.clone(), drop.to_owned()),
        }
        None
    }

    /// The definition of an object that is dropped and created where it differs.
    pub(super) fn definition(
        &mut self,
        object: &ObjectName,
        texts: (&str, &str),
        drop: &str,
        create: &[String],
    ) {
        self.aspect(object, "definition", texts, || {
            std::iter::once(drop.to_owned()).chain(create.iter().cloned()).collect()
        });
    }

    /// One respect in which an object may differ; its fix is computed only if it does.
    pub(super) fn aspect<T: PartialEq + Show + ?Sized>(
        &mut self,
        object: &ObjectName,
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

/// A value as a difference says it.
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

pub(super) fn object(kind: &str, name: impl Into<String>) -> ObjectName {
    ObjectName { kind: kind.to_owned(), name: name.into() }
}

/// The statement that creates an object, before those that go with it.
pub(super) fn first(statements: &[String]) -> &str {
    statements.first().map_or("", String::as_str)
}

/// What has the same key in both, side by side.
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
