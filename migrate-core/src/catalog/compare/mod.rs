//! In what two catalogs differ, by name: the numbers of objects, gaps in those of columns and what is in the tables make
//! no difference.

mod access;
mod column;
mod difference;
mod foreign;
mod function;
mod lines;
mod needs;
mod part;
mod schema;
mod sequence;
mod table;
mod types;

use std::collections::BTreeMap;

use super::ddl::enabled;
use super::{Catalog, Ddl, Part};

pub use difference::{Change, Difference, Object};

/// What differs in the second catalog, in the order of kinds and names; nothing where they are equal.
///
/// ```
/// use migrate_core::catalog::{Catalog, Namespace, compare};
///
/// let (before, mut after) = (Catalog::default(), Catalog::default());
/// after.namespaces.insert("audit".to_owned(), Namespace::default());
/// let differences = compare(&before, &after);
/// assert_eq!(differences[0].to_string(), "schema `audit` is new");
/// assert_eq!(differences[0].mend, [r#"DROP SCHEMA "audit""#]);
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
    outside.filter(|(turn, _)| *turn == Turn::Change).for_each(|(turn, _)| *turn = Turn::Last);
    let mut differences = comparison.differences;
    differences.sort_by_key(|(turn, _)| *turn);
    // What is made first is dropped last.
    let drops = differences.partition_point(|(turn, _)| *turn < Turn::Drop);
    if let Some(drops) = differences.get_mut(drops..) {
        drops.reverse();
    }
    differences.into_iter().map(|(_, difference)| difference).collect()
}

struct Comparison<'a> {
    before: Ddl<'a>,
    after: Ddl<'a>,
    differences: Vec<(Turn, Difference)>,
    /// Tables that are missing, and functions that need them.
    later: BTreeMap<Part, Difference>,
}

/// When a difference is mended: the SQL of all, one after another, is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
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
    fn missing(&mut self, object: Object, mend: Vec<String>) {
        self.differences.push((Turn::Change, Difference { object, change: Change::Missing, mend }));
    }

    /// A part of a table that is new.
    fn added(&mut self, object: Object, drop: String) {
        self.differences.push((Turn::Change, Difference { object, change: Change::Added, mend: vec![drop] }));
    }

    /// An object that is new.
    fn unneeded(&mut self, object: Object, drop: String) {
        self.differences.push((Turn::Drop, Difference { object, change: Change::Added, mend: vec![drop] }));
    }

    /// Both sides of an object; where there is one, it is missing, or it is new and dropped when its turn comes.
    fn both<'v, V>(
        &mut self,
        turn: Turn,
        (object, drop): (&Object, &str),
        pair: (Option<&'v V>, Option<&'v V>),
        create: impl FnOnce(&Ddl<'_>, &V) -> Vec<String>,
    ) -> Option<(&'v V, &'v V)> {
        match pair {
            (Some(before), Some(after)) => return Some((before, after)),
            (Some(before), None) => {
                let mend = create(&self.before, before);
                self.missing(object.clone(), mend);
            }
            (None, _) if turn == Turn::Drop => self.unneeded(object.clone(), drop.to_owned()),
            (None, _) => self.added(object.clone(), drop.to_owned()),
        }
        None
    }

    /// The definition of an object that is dropped and created where it differs.
    fn definition(&mut self, object: &Object, texts: (&str, &str), drop: &str, create: &[String]) {
        self.aspect(object, "definition", texts, || {
            std::iter::once(drop.to_owned()).chain(create.iter().cloned()).collect()
        });
    }

    /// One respect in which an object may differ; what mends it is only asked for if it does.
    fn aspect<T: PartialEq + Show + ?Sized>(
        &mut self,
        object: &Object,
        aspect: &'static str,
        (before, after): (&T, &T),
        mend: impl FnOnce() -> Vec<String>,
    ) {
        if before != after {
            let change = Change::Changed { aspect, before: before.show(), after: after.show() };
            let difference = Difference { object: object.clone(), change, mend: mend() };
            self.differences.push((Turn::Change, difference));
        }
    }
}

/// A value as a difference says it.
trait Show {
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

fn object(kind: &str, name: impl Into<String>) -> Object {
    Object { kind: kind.to_owned(), name: name.into() }
}

/// The statement that creates an object, before those that go with it.
fn first(statements: &[String]) -> &str {
    statements.first().map_or("", String::as_str)
}

/// What has the same key in both, side by side.
fn pairs<K: Ord, V>(
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
