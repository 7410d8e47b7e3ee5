use crate::facts::language::{Clauses, PrintedClauses, TableContext, TableName, label};

/// A CHECK constraint holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFact {
    /// Its name, as it is.
    pub check: String,
    /// Its table.
    pub of: TableName,
    /// The expression; may be absent only if `present` is false.
    pub that: Option<String>,
    /// Whether it should exist.
    pub present: bool,
}

impl CheckFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<CheckFact> {
        let present = clauses.present(&[]);
        let check = clauses.value("check", label::name);
        let of = clauses.of(None);
        let that = clauses.needed("that", label::expression);
        clauses.finish();
        Some(CheckFact { check: check?, of: of?, that, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        PrintedClauses::new("check", &self.check)
            .of(&self.of, within)
            .some("that", self.that.as_ref())
            .unless("present", self.present, true)
    }
}
