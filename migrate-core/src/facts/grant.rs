use super::TableName;

/// Privileges hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Upper-case words, such as `SELECT`; `ALL`.
    pub privileges: Vec<String>,
    /// On what.
    pub on: Object,
    /// The roles; `public` is everybody.
    pub to: Vec<String>,
    /// Whether they are to be held at all.
    pub present: bool,
}

/// What privileges are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// `on: TABLE`, or `{table: TABLE}`: a table or view.
    Table(TableName),
    /// `{schema: NAME}`
    Schema(String),
    /// `{sequence: NAME}`
    Sequence(TableName),
    /// `{function: NAME(args)}`
    Function {
        /// Its schema, where the fact names one.
        schema: Option<String>,
        /// Its name.
        name: String,
        /// Its arguments.
        arguments: String,
    },
    /// `{database: true}`: the database that is deployed to.
    Database,
}
