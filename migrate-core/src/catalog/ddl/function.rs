use super::comment::comments;
use super::grant::Grants;
use super::script::DdlScript;
use crate::catalog::function::{Function, FunctionKind};

impl DdlScript<'_> {
    pub(in crate::catalog) fn function(&self, function: &Function) -> Vec<String> {
        let object = signature(function);
        let mut statements = vec![function.definition.trim_end().to_owned()];
        statements.extend(self.function_access(function));
        statements.extend(comments(&object, function.comment.as_ref()));
        statements
    }

    /// The statements that give a function that was just created its owner and privileges.
    pub(crate) fn function_access(&self, function: &Function) -> Vec<String> {
        if !self.access {
            return Vec::new();
        }
        let kind = ("FUNCTIONS", function.name.schema.as_str());
        let owner = self.owner(&signature(function), &function.owner);
        let grants = self.granted(&function_grants(function), function.grants.as_ref(), kind);
        std::iter::once(owner).chain(grants).collect()
    }
}

/// `FUNCTION "public"."f"(integer)`, as ALTER, COMMENT and DROP name it.
pub(in crate::catalog) fn signature(function: &Function) -> String {
    let word = match function.kind {
        FunctionKind::Function | FunctionKind::Window => "FUNCTION",
        FunctionKind::Procedure => "PROCEDURE",
        FunctionKind::Aggregate => "AGGREGATE",
    };
    format!("{word} {}", call(function))
}

pub(in crate::catalog) fn function_grants(function: &Function) -> Grants<'_> {
    let on = match function.kind {
        FunctionKind::Procedure => format!("PROCEDURE {}", call(function)),
        // GRANT treats aggregates as functions, and accepts no ORDER BY between their arguments.
        FunctionKind::Aggregate => {
            let arguments = function.arguments.replace(" ORDER BY ", ", ");
            format!("FUNCTION {}({})", function.name.quoted(), arguments.trim_start_matches("ORDER BY "))
        }
        FunctionKind::Function | FunctionKind::Window => signature(function),
    };
    Grants { on, column: None, owner: &function.owner, defaults: ("X", "X") }
}

fn call(function: &Function) -> String {
    let none = function.kind == FunctionKind::Aggregate && function.arguments.is_empty();
    let arguments = if none { "*" } else { &function.arguments };
    format!("{}({arguments})", function.name.quoted())
}
