use crate::facts::language::{Clauses, Deferrable, PrintedClauses, TableContext, TableName, label, nulls};

/// A unique constraint over columns and links.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFact {
    /// Its name, as it is.
    pub key: String,
    /// Its table.
    pub of: TableName,
    /// The labels of its columns and links, in order.
    pub on: Vec<String>,
    /// Columns and links that its index stores in addition.
    pub include: Vec<String>,
    /// Whether two NULLs are equal: NULLS NOT DISTINCT.
    pub nulls_equal: bool,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// Whether it should exist.
    pub present: bool,
}

impl KeyFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<KeyFact> {
        let present = clauses.present(&[]);
        let key = clauses.value("key", label::name);
        let of = clauses.of(None);
        let on = clauses.needed("on", label::labels).unwrap_or_default();
        let include = clauses.labels("include");
        let nulls_equal = clauses.value("nulls", nulls).unwrap_or_default();
        let deferrable = clauses.value("deferrable", Deferrable::read).unwrap_or_default();
        clauses.finish();
        Some(KeyFact { key: key?, of: of?, on, include, nulls_equal, deferrable, present })
    }

    pub(crate) fn print(&self, within: Option<&TableContext>) -> PrintedClauses {
        PrintedClauses::new("key", &self.key)
            .of(&self.of, within)
            .list("on", &self.on)
            .list("include", &self.include)
            .some("nulls", self.nulls_equal.then_some("not distinct"))
            .some("deferrable", self.deferrable.words())
            .unless("present", self.present, true)
    }
}
