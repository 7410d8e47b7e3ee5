use super::clauses::Clauses;
use super::printed::Printed;
use super::{Text, label};

/// A function or procedure exists and does this.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// Its schema, where the fact names one.
    pub schema: Option<String>,
    /// Its name, as it is.
    pub name: String,
    /// Its arguments, as they stand between the parentheses.
    pub arguments: String,
    /// What follows the arguments in CREATE FUNCTION, or a whole CREATE statement.
    pub body: Option<Text>,
    /// Whether it is to be there at all.
    pub present: bool,
}

impl Function {
    pub(super) fn read(mut clauses: Clauses<'_>) -> Option<Function> {
        let present = clauses.present(&[]);
        let signature = clauses.value("function", label::signature);
        let body = clauses.body("as", "from");
        clauses.finish();
        let (schema, name, arguments) = signature?;
        Some(Function { schema, name, arguments, body, present })
    }

    pub(super) fn print(&self) -> Printed {
        Printed::new("function", signature(self.schema.as_deref(), &self.name, &self.arguments))
            .some("as", self.body.as_ref())
            .unless("present", self.present, true)
    }
}

/// `[SCHEMA.]NAME(ARGUMENTS)`
pub(super) fn signature(schema: Option<&str>, name: &str, arguments: &str) -> String {
    match schema {
        Some(schema) => format!("{schema}.{name}({arguments})"),
        None => format!("{name}({arguments})"),
    }
}
