use crate::Place;

/// A value as YAML, JSON or CSV gives it, nothing lost: numbers stay as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A plain number, as it was written: `1.10` keeps its zero.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping, in its order.
    Map(Vec<(String, Value)>),
}

/// A text of some lines, such as SQL, and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// The file that holds it, or the fact that gives it.
    pub place: Place,
    /// The file's name as the fact gives it, where the text has a file of its own.
    pub path: Option<String>,
}
