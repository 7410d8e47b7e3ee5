use super::namespace::QualifiedName;

/// A function, procedure or aggregate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: QualifiedName,
    /// The types of its arguments, as `pg_get_function_identity_arguments` prints them.
    pub arguments: String,
    /// What it is.
    pub kind: FunctionKind,
    /// Who owns it.
    pub owner: String,
    /// Its language.
    pub language: String,
    /// Its body, `prosrc`.
    pub source: String,
    /// The whole of it, as `pg_get_functiondef` prints it; for aggregates a CREATE AGGREGATE of our own printing.
    pub definition: String,
    /// Privileges as `aclitem` prints them, sorted; `None` where they were never changed.
    pub grants: Option<Vec<String>>,
    /// Its comment.
    pub comment: Option<String>,
}

/// What sort of function it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FunctionKind {
    /// FUNCTION
    #[default]
    Function,
    /// PROCEDURE
    Procedure,
    /// AGGREGATE
    Aggregate,
    /// A window function.
    Window,
}
