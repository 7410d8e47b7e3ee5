use crate::facts::language::{Clauses, PrintedClauses};
use crate::facts::values::SourceText;

/// SQL that runs unless a check holds.
#[derive(Debug, Clone, PartialEq)]
pub struct SqlFact {
    /// What runs.
    pub sql: SourceText,
    /// A query: if any value of its result is true, the SQL does not run. Verifying requires such a value.
    pub unless: Option<SourceText>,
}

impl SqlFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<SqlFact> {
        let sql = clauses.text_or_path("sql");
        let unless = clauses.text_or_path("unless");
        clauses.finish();
        Some(SqlFact { sql: sql?, unless })
    }

    pub(crate) fn print(&self) -> PrintedClauses {
        PrintedClauses::new("sql", no_path(&self.sql)).some("unless", self.unless.as_ref().map(no_path))
    }
}

/// The SQL text, changed so that it isn't read as a path.
fn no_path(text: &SourceText) -> String {
    match text.text.contains(char::is_whitespace) {
        true => text.text.clone(),
        false => format!("{}\n", text.text),
    }
}
