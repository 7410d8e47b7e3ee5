use super::namespace::QualifiedName;

/// A function, procedure or aggregate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: QualifiedName,
    /// The types of its arguments, as `pg_get_function_identity_arguments` prints them.
    pub arguments: String,
    /// The types of its input arguments without their names, by which it is called: `integer, text`.
    pub types: String,
    /// Its kind.
    pub kind: FunctionKind,
    /// Who owns it.
    pub owner: String,
    /// Its language.
    pub language: String,
    /// Its body, `prosrc`.
    pub source: String,
    /// Its definition, as `pg_get_functiondef` prints it; for aggregates a CREATE AGGREGATE that we print.
    pub definition: String,
    /// Privileges as `aclitem` prints them, sorted; `None` if they were never changed.
    pub grants: Option<Vec<String>>,
    /// Its comment.
    pub comment: Option<String>,
}

/// The kind of a function.
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
