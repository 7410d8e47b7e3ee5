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
    /// Whether it should exist.
    pub present: bool,
}

impl ViewFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<ViewFact> {
        let present = clauses.present(&["materialized"]);
        let view = clauses.value("view", TableName::read_named);
        let query = clauses.body("as", "from");
        let materialized = clauses.truth("materialized", false);
        clauses.finish();
        Some(ViewFact { view: view?, query, materialized, present })
    }

    pub(crate) fn print(&self) -> PrintedClauses {
        PrintedClauses::new("view", self.view.to_string())
            .unless("materialized", self.materialized, false)
            .some("as", self.query.as_ref())
            .unless("present", self.present, true)
    }
}
