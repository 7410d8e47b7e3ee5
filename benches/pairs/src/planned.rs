use embed_migrate_core::catalog::{Catalog, Difference, DifferenceKind, compare};

/// What leads from one catalog to another.
pub(crate) struct Planned {
    /// The statements in order.
    pub(crate) statements: Vec<String>,
    /// What can't be done, with the reason.
    pub(crate) impossible: Vec<String>,
    /// The tables of which the plan says that rows are lost.
    pub(crate) emptied: Vec<String>,
}

impl Planned {
    /// Asks the planner.
    pub(crate) fn new(from: &Catalog, to: &Catalog) -> Planned {
        let differences = differences(to, from);
        let impossible = differences.iter().filter(|it| it.fix.is_empty()).map(ToString::to_string).collect();
        Planned {
            emptied: Vec::new(),
            statements: differences.into_iter().flat_map(|it| it.fix).collect(),
            impossible,
        }
    }
}

/// All differences but that of the order of columns.
pub(crate) fn differences(before: &Catalog, after: &Catalog) -> Vec<Difference> {
    let mut differences = compare(before, after);
    differences.retain(|it| !matches!(it.kind, DifferenceKind::Changed { aspect: "order of columns", .. }));
    differences
}
