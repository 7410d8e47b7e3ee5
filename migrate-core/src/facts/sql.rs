use super::Text;

/// SQL that runs unless a check holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sql {
    /// What runs.
    pub sql: Text,
    /// A query: where any value of its result is true, nothing runs. When verifying it must hold.
    pub unless: Option<Text>,
}
