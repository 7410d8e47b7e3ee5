use crate::facts::language::{Clauses, PrintedClauses, label};
use crate::facts::values::SourceText;

/// A function or procedure exists with this body.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionFact {
    /// Its schema, if the fact names one.
    pub schema: Option<String>,
    /// Its name, as it is.
    pub name: String,
    /// Its arguments, as written between the parentheses.
    pub arguments: String,
    /// The text after the arguments in CREATE FUNCTION, or a whole CREATE statement.
    pub body: Option<SourceText>,
    /// Whether it should exist.
    pub present: bool,
}

impl FunctionFact {
    pub(crate) fn read(mut clauses: Clauses<'_>) -> Option<FunctionFact> {
        let present = clauses.present(&[]);
        let signature = clauses.value("function", label::signature);
        let body = clauses.body("as", "from");
        clauses.finish();
        let (schema, name, arguments) = signature?;
        Some(FunctionFact { schema, name, arguments, body, present })
    }

    pub(crate) fn print(&self) -> PrintedClauses {
        PrintedClauses::new("function", signature(self.schema.as_deref(), &self.name, &self.arguments))
            .some("as", self.body.as_ref())
            .unless("present", self.present, true)
    }
}

/// `[SCHEMA.]NAME(ARGUMENTS)`
pub(crate) fn signature(schema: Option<&str>, name: &str, arguments: &str) -> String {
    match schema {
        Some(schema) => format!("{schema}.{name}({arguments})"),
        None => format!("{name}({arguments})"),
    }
}
