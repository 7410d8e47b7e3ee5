use std::collections::BTreeSet;

use crate::catalog::{Action, Catalog, CatalogObject, Difference, PlanOptions, plan};
use crate::text::quote;

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

/// The steps that lead from one catalog to the other. What is created belongs to the role that applies the patch: statements
/// that say so of `role`, which applied everything in both catalogs, are left out.
pub fn operations(from: &Catalog, to: &Catalog, role: &str) -> PlannedOperations {
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
        statements: by_role(operation.statements, operation.action == Action::Create, role),
    });
    let impossible = plan.impossible.into_iter().filter(|difference| !difference.is_column_order());
    PlannedOperations { operations: operations.collect(), impossible: impossible.collect() }
}

fn by_role(statements: Vec<String>, creates: bool, role: &str) -> Vec<String> {
    let role = quote::identifier(role);
    let (owner, defaults) =
        (format!(" OWNER TO {role}"), format!("ALTER DEFAULT PRIVILEGES FOR ROLE {role} "));
    let own = |statement: &String| creates && statement.starts_with("ALTER ") && statement.ends_with(&owner);
    let statements = statements.into_iter().filter(|statement| !own(statement));
    statements
        .map(|statement| match statement.strip_prefix(&defaults) {
            Some(rest) => match rest.strip_suffix(role.as_str()) {
                Some(rest) => format!("ALTER DEFAULT PRIVILEGES {rest}CURRENT_USER"),
                None => format!("ALTER DEFAULT PRIVILEGES {rest}"),
            },
            None => statement,
        })
        .collect()
}
