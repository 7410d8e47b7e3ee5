use std::fmt::Write as _;

use super::scalar::Decimal;
use crate::error::Place;

/// A value as YAML, JSON or CSV gives it, without any loss: numbers stay as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A plain number, as it was written: `1.10` keeps its zero. `.inf` and `.nan` are `Infinity` and `NaN`.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A mapping, in its order.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The value as JSON; numbers keep their digits. `Infinity` and `NaN`, which JSON lacks, become texts.
    ///
    /// ```
    /// use embed_migrate_core::facts::Value;
    ///
    /// let value = Value::List(vec![Value::Number("+007.10".into()), Value::Text("a\"b".into())]);
    /// assert_eq!(value.json(), r#"[7.10,"a\"b"]"#);
    /// ```
    pub fn json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    fn write(&self, json: &mut String) {
        match self {
            Value::Null => json.push_str("null"),
            Value::Bool(truth) => json.push_str(if *truth { "true" } else { "false" }),
            Value::Number(number) => write_number(number, json),
            Value::Text(text) => write_text(text, json),
            Value::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    json.push(if index == 0 { '[' } else { ',' });
                    value.write(json);
                }
                json.push_str(if values.is_empty() { "[]" } else { "]" });
            }
            Value::Map(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    json.push(if index == 0 { '{' } else { ',' });
                    write_text(key, json);
                    json.push(':');
                    value.write(json);
                }
                json.push_str(if entries.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

/// JSON has no `+`, no leading zeros, and digits on both sides of a point.
fn write_number(number: &str, json: &mut String) {
    if number.ends_with("Infinity") || number == "NaN" {
        return write_text(number, json);
    }
    let (sign, unsigned) = match number.strip_prefix('-') {
        Some(unsigned) => ("-", unsigned),
        None => ("", number.strip_prefix('+').unwrap_or(number)),
    };
    let Decimal { whole, fraction, exponent } = Decimal::of(unsigned);
    let whole = whole.trim_start_matches('0');
    json.push_str(sign);
    json.push_str(if whole.is_empty() { "0" } else { whole });
    for (mark, digits) in [('.', fraction), ('e', exponent)] {
        if let Some(digits) = digits.filter(|digits| !digits.is_empty()) {
            json.push(mark);
            json.push_str(digits);
        }
    }
}

fn write_text(text: &str, json: &mut String) {
    json.push('"');
    for c in text.chars() {
        match c {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            c if c < ' ' => {
                let _ = write!(json, "\\u{:04x}", u32::from(c));
            }
            c => json.push(c),
        }
    }
    json.push('"');
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Value {
        Value::List(values)
    }
}

/// A text of several lines, such as SQL, and its place.
///
/// Two are equal if their texts are, whatever their places.
#[derive(Debug, Clone)]
pub struct SourceText {
    /// The text.
    pub text: String,
    /// Where it begins: in a file of its own, or in the fact.
    pub place: Place,
    /// The file's name as the fact gives it, if the text is in a file of its own.
    pub path: Option<String>,
    /// Whether its lines are lines of the file: it has a file of its own, or is a YAML text after `|`.
    pub lines: bool,
}

impl SourceText {
    /// The place of a byte of the text; if its lines are not lines of the file, the start of the text.
    pub fn place_at(&self, offset: usize) -> Place {
        if !self.lines {
            return self.place.clone();
        }
        let within = Place::offset(self.place.file.clone(), &self.text, offset);
        // Its place is that of its first line that isn't blank.
        let blank = match self.path {
            Some(_) => 0,
            None => self.text.bytes().take_while(|byte| *byte == b'\n').count(),
        };
        let line =
            (self.place.line + within.line).saturating_sub(1 + u32::try_from(blank).unwrap_or_default());
        let indent = self.place.column.saturating_sub(1);
        let source = " ".repeat(indent as usize) + &within.source;
        Place { line, column: within.column + indent, source, ..within }
    }
}

impl PartialEq for SourceText {
    fn eq(&self, other: &SourceText) -> bool {
        self.text == other.text
    }
}

impl From<&SourceText> for Value {
    fn from(text: &SourceText) -> Value {
        Value::Text(text.text.clone())
    }
}
