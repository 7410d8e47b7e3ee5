use super::comparison::Comparison;
use crate::catalog::catalog::Catalog;
use crate::catalog::difference::{CatalogObject, Difference};
use crate::catalog::operation::{Operation, PlanOptions, plan};

/// The differences of the second catalog from the first, each with the SQL that takes it back, in an order in which the
/// SQL runs; empty if they are equal.
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
    let mut differences = differences(before, after);
    if !differences.is_empty() {
        mend(&mut differences, before, after);
    }
    differences
}

/// The differences without SQL, in the order of kinds and names.
fn differences(before: &Catalog, after: &Catalog) -> Vec<Difference> {
    let mut comparison = Comparison::of(before, after);
    comparison.schemas();
    comparison.extensions();
    comparison.types();
    comparison.functions();
    comparison.sequences();
    comparison.tables();
    comparison.statistics();
    comparison.foreign();
    comparison.generic();
    comparison.others();
    comparison.publications();
    comparison.event_triggers();
    comparison.default_grants();
    comparison.differences
}

/// Divides the operations that lead from the second catalog to the first among the differences: each gets all up to the
/// last one for its own object, and what belongs to none goes with the difference before it.
fn mend(differences: &mut [Difference], before: &Catalog, after: &Catalog) {
    let plan = plan(after, before, &PlanOptions::default());
    let last = |object: &CatalogObject| plan.last.get(object).copied();
    differences.sort_by_key(|difference| last(&difference.object).unwrap_or(usize::MAX));
    let mut done = 0;
    let mut rest = differences.iter_mut().filter(|it| last(&it.object).is_some()).peekable();
    while let Some(difference) = rest.next() {
        let own = last(&difference.object).map_or(done, |at| at + 1);
        let end = match rest.peek() {
            Some(_) => own.max(done),
            None => plan.operations.len(),
        };
        let own = plan.operations.get(done..end).unwrap_or_default();
        difference.fix = own.iter().flat_map(|operation: &Operation| operation.statements.clone()).collect();
        difference.done_above = difference.fix.is_empty();
        done = end;
    }
}
