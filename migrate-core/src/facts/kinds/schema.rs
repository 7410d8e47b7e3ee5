use crate::facts::language::{Clauses, PrintedClauses, label};

/// A schema exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFact {
    /// Its name.
    pub schema: String,
    /// Whether it should exist.
    pub present: bool,
}

impl SchemaFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<SchemaFact> {
        let present = clauses.present(&[]);
        let schema = clauses.value("schema", label::name);
        clauses.finish();
        Some(SchemaFact { schema: schema?, present })
    }

    pub(crate) fn print(&self) -> PrintedClauses {
        PrintedClauses::new("schema", &self.schema).unless("present", self.present, true)
    }
}
