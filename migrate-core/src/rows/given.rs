use crate::facts::{Cell, Value};

/// What a row gives for a field, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given<'a> {
    /// Nothing: the field keeps what it has.
    Absent,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A plain number of YAML or JSON.
    Number(&'a str),
    /// Text, such as each cell of a CSV file.
    Text(&'a str),
    /// A list.
    List(&'a [Value]),
    /// A mapping.
    Map(&'a [(String, Value)]),
}

impl<'a> From<&'a Value> for Given<'a> {
    fn from(value: &'a Value) -> Given<'a> {
        match value {
            Value::Null => Given::Null,
            Value::Bool(bool) => Given::Bool(*bool),
            Value::Number(number) => Given::Number(number),
            Value::Text(text) => Given::Text(text),
            Value::List(list) => Given::List(list),
            Value::Map(map) => Given::Map(map),
        }
    }
}

impl<'a> From<&'a Cell<'a>> for Given<'a> {
    fn from(cell: &'a Cell<'a>) -> Given<'a> {
        match cell {
            Cell::Absent => Given::Absent,
            Cell::Text(text) => Given::Text(text),
            Cell::Value(value) => Given::from(*value),
        }
    }
}

impl Given<'_> {
    /// As an error shows it: short, in backticks, on one line.
    pub fn shown(&self) -> String {
        match self {
            Given::Absent => "nothing".to_owned(),
            Given::Null => "`null`".to_owned(),
            Given::Bool(bool) => format!("`{bool}`"),
            Given::Number(text) => format!("the number {}", shown(text)),
            Given::Text(text) => shown(text),
            Given::List(_) => "a list".to_owned(),
            Given::Map(_) => "a mapping".to_owned(),
        }
    }
}

/// How many characters of a value an error shows.
const SHOWN: usize = 60;

/// A text as an error shows it.
pub fn shown(text: &str) -> String {
    let line: String = text.chars().take(SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let rest = if text.chars().nth(SHOWN).is_some() { "…" } else { "" };
    format!("`{line}{rest}`")
}
