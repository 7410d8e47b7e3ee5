use embed_migrate_core::catalog::{Catalog, Difference, DifferenceKind, Loss, PlanOptions, compare, plan};

/// What leads from one catalog to another.
pub(crate) struct Migration {
    /// The statements in order.
    pub(crate) statements: Vec<String>,
    /// What can't be done, with the reason.
    pub(crate) impossible: Vec<String>,
    /// The tables of which the plan says that rows are lost.
    pub(crate) emptied: Vec<String>,
}

impl Migration {
    /// Asks the planner.
    pub(crate) fn new(from: &Catalog, to: &Catalog) -> Migration {
        let plan = plan(from, to, &PlanOptions::default());
        let emptied = plan.operations.iter().filter_map(|operation| match &operation.loss {
            Some(Loss::Rows(table)) => Some(table.quoted()),
            _ => None,
        });
        Migration {
            emptied: emptied.collect(),
            impossible: plan.impossible.iter().map(ToString::to_string).collect(),
            statements: plan.operations.into_iter().flat_map(|operation| operation.statements).collect(),
        }
    }
}

/// All differences but that of the order of columns.
pub(crate) fn differences(before: &Catalog, after: &Catalog) -> Vec<Difference> {
    let mut differences = compare(before, after);
    differences.retain(|it| !matches!(it.kind, DifferenceKind::Changed { aspect: "order of columns", .. }));
    differences
}
