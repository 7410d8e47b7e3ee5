use super::Text;

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
