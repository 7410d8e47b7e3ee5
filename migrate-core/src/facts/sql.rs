use super::Text;
use super::clauses::Clauses;
use super::printed::Printed;

/// SQL that runs unless a check holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sql {
    /// What runs.
    pub sql: Text,
    /// A query: where any value of its result is true, nothing runs. When verifying it must hold.
    pub unless: Option<Text>,
}

impl Sql {
    pub(super) fn read(mut clauses: Clauses<'_>) -> Option<Sql> {
        let sql = clauses.text_or_path("sql");
        let unless = clauses.text_or_path("unless");
        clauses.finish();
        Some(Sql { sql: sql?, unless })
    }

    pub(super) fn print(&self) -> Printed {
        Printed::new("sql", no_path(&self.sql)).some("unless", self.unless.as_ref().map(no_path))
    }
}

/// The text of SQL, so that it isn't taken for a path.
fn no_path(text: &Text) -> String {
    match text.text.contains(char::is_whitespace) {
        true => text.text.clone(),
        false => format!("{}\n", text.text),
    }
}
