//! In what two catalogs differ, by name: the numbers of objects, gaps in those of columns and what is in the tables make
//! no difference.

mod access;
mod column;
mod difference;
mod foreign;
mod function;
mod part;
mod schema;
mod sequence;
mod table;
mod types;

use std::collections::BTreeMap;

use super::{Catalog, Ddl};

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
    let mut comparison = Comparison { before: before.ddl(), after: after.ddl(), differences: Vec::new() };
    comparison.schemas();
    comparison.extensions();
    comparison.types();
    comparison.functions();
    comparison.sequences();
    comparison.tables();
    comparison.statistics();
    comparison.foreign();
    comparison.publications();
    comparison.event_triggers();
    comparison.default_grants();
    comparison.others();
    comparison.differences
}

struct Comparison<'a> {
    before: Ddl<'a>,
    after: Ddl<'a>,
    differences: Vec<Difference>,
}

impl Comparison<'_> {
    fn missing(&mut self, object: Object, mend: Vec<String>) {
        self.differences.push(Difference { object, change: Change::Missing, mend });
    }

    fn added(&mut self, object: Object, drop: String) {
        self.differences.push(Difference { object, change: Change::Added, mend: vec![drop] });
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
            self.differences.push(Difference { object: object.clone(), change, mend: mend() });
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

impl Show for char {
    fn show(&self) -> Option<String> {
        Some(self.to_string())
    }
}

fn object(kind: &str, name: impl Into<String>) -> Object {
    Object { kind: kind.to_owned(), name: name.into() }
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
