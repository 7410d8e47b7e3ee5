use crate::facts::language::{Clauses, PrintedClauses, TableName};
use crate::facts::values::SourceText;

/// A view exists with this query.
#[derive(Debug, Clone, PartialEq)]
pub struct ViewFact {
    /// Its name, as it is.
    pub view: TableName,
    /// Its query; may be absent only if `present` is false.
    pub query: Option<SourceText>,
    /// Whether its rows are stored.
    pub materialized: bool,
    /// Whether it may be built again at a boot, if it is materialized and something that it reads changes.
    pub rebuild: bool,
    /// Whether it should exist.
    pub present: bool,
}

impl ViewFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<ViewFact> {
        let present = clauses.present(&["materialized"]);
        let view = clauses.value("view", TableName::read_named);
        let query = clauses.body("as", "from");
        let materialized = clauses.truth("materialized", false);
        let rebuild = clauses.truth("rebuild", false);
        if rebuild && !materialized {
            clauses.problem_at(
                "rebuild",
                "`rebuild` belongs to `materialized: true`",
                "remove it: a view has no rows",
            );
        }
        clauses.finish();
        Some(ViewFact { view: view?, query, materialized, rebuild, present })
    }

    pub(crate) fn print(&self) -> PrintedClauses {
        PrintedClauses::new("view", self.view.to_string())
            .unless("materialized", self.materialized, false)
            .unless("rebuild", self.rebuild, false)
            .some("as", self.query.as_ref())
            .unless("present", self.present, true)
    }
}
