use std::collections::BTreeSet;

use crate::catalog::{Action, Catalog, CatalogObject, Difference, PlanOptions, plan};

/// One step from a catalog to another, in an order that runs.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PlannedOperation {
    /// What it changes.
    pub object: CatalogObject,
    /// Whether it only takes the object away: no later step makes it again.
    pub drops: bool,
    /// The statements, without semicolons.
    pub statements: Vec<String>,
}

/// The steps, and what no SQL brings about.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct PlannedOperations {
    /// The steps.
    pub operations: Vec<PlannedOperation>,
    /// The differences that stay, because no statement removes them.
    pub impossible: Vec<Difference>,
}

/// The steps that lead from one catalog to the other.
pub fn operations(from: &Catalog, to: &Catalog) -> PlannedOperations {
    let plan = plan(from, to, &PlanOptions::default());
    let made: BTreeSet<CatalogObject> = plan
        .operations
        .iter()
        .filter(|operation| operation.action == Action::Create)
        .map(|operation| operation.object.clone())
        .collect();
    let operations = plan.operations.into_iter().map(|operation| PlannedOperation {
        drops: operation.action == Action::Drop && !made.contains(&operation.object),
        object: operation.object,
        statements: operation.statements,
    });
    let impossible = plan.impossible.into_iter().filter(|difference| !difference.is_column_order());
    PlannedOperations { operations: operations.collect(), impossible: impossible.collect() }
}
