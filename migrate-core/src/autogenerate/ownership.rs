use std::collections::BTreeSet;

use super::operations::PlannedOperation;
use crate::catalog::{Catalog, CatalogObject, Difference, compare};

/// The objects that a difference does not touch: those of other bundles, and those that nobody declared.
#[derive(Debug, Clone, Default)]
pub struct Ownership {
    /// What other bundles make.
    others: BTreeSet<CatalogObject>,
    /// What is there and neither made by patches nor declared.
    unknown: BTreeSet<CatalogObject>,
}

impl Ownership {
    /// Sorts the objects of `from`: `made` is what the patches of all bundles make, `others` what those of the other bundles
    /// make, `to` what is to be there.
    pub fn of(from: &Catalog, made: &Catalog, others: Option<&Catalog>, to: &Catalog) -> Ownership {
        let known: BTreeSet<CatalogObject> = objects(made).chain(objects(to)).collect();
        Ownership {
            others: others.into_iter().flat_map(objects).collect(),
            unknown: objects(from).filter(|object| !known.contains(object)).collect(),
        }
    }

    /// The operations on what the bundle owns, and the objects that are left alone though they differ.
    pub fn own(&self, operations: Vec<PlannedOperation>) -> (Vec<PlannedOperation>, Vec<CatalogObject>) {
        let (left, own): (Vec<_>, Vec<_>) = operations
            .into_iter()
            .partition(|operation| self.is_left_alone(&operation.object, operation.drops));
        (own, left.into_iter().map(|operation| operation.object).collect())
    }

    /// Whether a difference is one of what the bundle owns.
    pub fn is_own(&self, difference: &Difference) -> bool {
        let drops = difference.kind == crate::catalog::DifferenceKind::Added;
        !self.is_left_alone(&difference.object, drops)
    }

    fn is_left_alone(&self, object: &CatalogObject, drops: bool) -> bool {
        is_of(&self.others, object) || drops && is_of(&self.unknown, object)
    }
}

/// Whether an object is one of those, or a part of one.
fn is_of(owners: &BTreeSet<CatalogObject>, object: &CatalogObject) -> bool {
    owners.contains(object)
        || owners.iter().any(|owner| {
            let part = object.name.strip_prefix(&owner.name);
            RELATIONS.contains(&owner.kind.as_str()) && part.is_some_and(|part| part.starts_with('.'))
        })
}

/// What has parts.
const RELATIONS: [&str; 5] = ["table", "view", "materialized view", "foreign table", "partitioned table"];

fn objects(catalog: &Catalog) -> impl Iterator<Item = CatalogObject> {
    compare(&Catalog::default(), catalog).into_iter().map(|difference| difference.object)
}
