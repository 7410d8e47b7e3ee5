use crate::facts::{Cell, Value};

/// The value that a row gives for a field, as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenValue<'a> {
    /// Nothing: the field keeps its value.
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

impl<'a> From<&'a Value> for GivenValue<'a> {
    fn from(value: &'a Value) -> GivenValue<'a> {
        match value {
            Value::Null => GivenValue::Null,
            Value::Bool(bool) => GivenValue::Bool(*bool),
            Value::Number(number) => GivenValue::Number(number),
            Value::Text(text) => GivenValue::Text(text),
            Value::List(list) => GivenValue::List(list),
            Value::Map(map) => GivenValue::Map(map),
        }
    }
}

impl<'a> From<&'a Cell<'a>> for GivenValue<'a> {
    fn from(cell: &'a Cell<'a>) -> GivenValue<'a> {
        match cell {
            Cell::Absent => GivenValue::Absent,
            Cell::Text(text) => GivenValue::Text(text),
            Cell::Value(value) => GivenValue::from(*value),
        }
    }
}

impl GivenValue<'_> {
    /// As an error shows it: short, in backticks, on one line.
    pub fn shown(&self) -> String {
        match self {
            GivenValue::Absent => "nothing".to_owned(),
            GivenValue::Null => "`null`".to_owned(),
            GivenValue::Bool(bool) => format!("`{bool}`"),
            GivenValue::Number(text) => format!("the number {}", shown(text)),
            GivenValue::Text(text) => shown(text),
            GivenValue::List(_) => "a list".to_owned(),
            GivenValue::Map(_) => "a mapping".to_owned(),
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
