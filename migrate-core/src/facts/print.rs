use std::fmt::{self, Display, Formatter, Write as _};

use crate::facts::kinds::{Claim, Fact};
use crate::facts::values::{Scalar, Value};

impl Display for Fact {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(&self.claim, f)
    }
}

impl Display for Claim {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut yaml = String::new();
        map(&self.print(None).0, 0, &mut yaml);
        f.write_str(yaml.trim_end_matches('\n'))
    }
}

/// Facts as one list of YAML.
pub fn print(facts: &[Fact]) -> String {
    let facts: Vec<Value> = facts.iter().map(|fact| Value::Map(fact.claim.print(None).0)).collect();
    let mut yaml = String::new();
    match facts.is_empty() {
        true => yaml.push_str("[]\n"),
        false => list(&facts, 0, &mut yaml),
    }
    yaml
}

/// Writes a mapping; its first line is indented already.
fn map(entries: &[(String, Value)], indent: usize, yaml: &mut String) {
    for (index, (key, value)) in entries.iter().enumerate() {
        if index > 0 {
            blanks(indent, yaml);
        }
        scalar(key, yaml);
        yaml.push(':');
        match value {
            Value::Map(entries) if !is_flow(value) => {
                yaml.push('\n');
                blanks(indent + 2, yaml);
                map(entries, indent + 2, yaml);
            }
            Value::List(values) if !is_flow(value) => {
                yaml.push('\n');
                blanks(indent + 2, yaml);
                list(values, indent + 2, yaml);
            }
            value => {
                yaml.push(' ');
                leaf(value, indent, yaml);
            }
        }
    }
}

/// Writes a list; its first line is indented already.
fn list(values: &[Value], indent: usize, yaml: &mut String) {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            blanks(indent, yaml);
        }
        yaml.push_str("- ");
        match value {
            Value::Map(entries) if !is_flow(value) => map(entries, indent + 2, yaml),
            Value::List(values) if !is_flow(value) => list(values, indent + 2, yaml),
            value => leaf(value, indent, yaml),
        }
    }
}

/// Writes a value that needs no block, and a line end.
fn leaf(value: &Value, indent: usize, yaml: &mut String) {
    match value {
        Value::Text(text) if is_literal(text) => literal(text, indent + 2, yaml),
        value => {
            flow(value, yaml);
            yaml.push('\n');
        }
    }
}

/// Whether a value is written on one line: empty ones, and lists of single values.
fn is_flow(value: &Value) -> bool {
    match value {
        Value::Map(entries) => entries.is_empty(),
        Value::List(values) => values.iter().all(|value| match value {
            Value::Map(entries) => entries.is_empty(),
            Value::Text(text) => !is_literal(text),
            value => is_flow(value),
        }),
        _ => true,
    }
}

fn flow(value: &Value, yaml: &mut String) {
    match value {
        Value::Null => yaml.push_str("null"),
        Value::Bool(truth) => yaml.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => yaml.push_str(match number.as_str() {
            "Infinity" => ".inf",
            "-Infinity" => "-.inf",
            "NaN" => ".nan",
            number => number,
        }),
        Value::Text(text) => scalar(text, yaml),
        Value::Map(_) => yaml.push_str("{}"),
        Value::List(values) => {
            yaml.push('[');
            for (index, value) in values.iter().enumerate() {
                yaml.push_str(if index == 0 { "" } else { ", " });
                flow(value, yaml);
            }
            yaml.push(']');
        }
    }
}

/// Whether a text is written line by line after a `|`.
fn is_literal(text: &str) -> bool {
    let printable = |c: char| {
        c == '\n'
            || c == '\t'
            || !(c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'))
    };
    let plain = !text.starts_with([' ', '\n', '\t']) && !text.ends_with("\n\n");
    text.contains('\n') && plain && text.chars().all(printable)
}

fn literal(text: &str, indent: usize, yaml: &mut String) {
    let body = text.strip_suffix('\n');
    yaml.push_str(if body.is_some() { "|\n" } else { "|-\n" });
    for line in body.unwrap_or(text).split('\n') {
        if !line.is_empty() {
            blanks(indent, yaml);
            yaml.push_str(line);
        }
        yaml.push('\n');
    }
}

/// Writes a text on one line, without quotes if it reads as the same text.
fn scalar(text: &str, yaml: &mut String) {
    if is_bare(text) {
        return yaml.push_str(text);
    }
    yaml.push('"');
    for c in text.chars() {
        match c {
            '"' => yaml.push_str("\\\""),
            '\\' => yaml.push_str("\\\\"),
            '\n' => yaml.push_str("\\n"),
            '\t' => yaml.push_str("\\t"),
            '\r' => yaml.push_str("\\r"),
            c if c.is_control()
                || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                let _ = write!(yaml, "\\u{:04x}", u32::from(c));
            }
            c => yaml.push(c),
        }
    }
    yaml.push('"');
}

fn is_bare(text: &str) -> bool {
    let inner = |c: char| {
        c.is_alphanumeric()
            || matches!(c, '_' | '-' | '.' | '/' | ' ' | '(' | ')' | '+' | '=' | '<' | '>' | ';')
    };
    let first = text.chars().next().is_some_and(|c| c.is_alphanumeric() || c == '_');
    // A `---` or `...` at the start of a line ends a document; none starts like that here.
    first
        && text.len() < 100
        && text.chars().all(inner)
        && !text.ends_with(' ')
        && matches!(Scalar::of(text), Scalar::Text(_))
}

fn blanks(count: usize, yaml: &mut String) {
    yaml.extend(std::iter::repeat_n(' ', count));
}
