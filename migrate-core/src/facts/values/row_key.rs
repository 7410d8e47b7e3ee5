use std::fmt;
use std::str::FromStr;

use super::value::Value;
use crate::error::{Error, ErrorKind};

/// The identity of a row, as links name it: a value for each member of the table's identity; for a member that is a
/// link, the identity of the row that it points to.
///
/// ```
/// use embed_migrate_core::facts::{KeyPart, RowKey};
///
/// let key: RowKey = "(family.10000).'b.c'".parse()?;
/// let [KeyPart::Row(family), KeyPart::Value(code)] = key.parts.as_slice() else { unreachable!() };
/// assert_eq!((family.to_string().as_str(), code.as_str()), ("family.10000", "b.c"));
/// # Ok::<(), embed_migrate_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// One for each member; at least one. A flat list may replace a nested one: `a.b.c` for `(a.b).c`.
    pub parts: Vec<KeyPart>,
}

/// A part of an identity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyPart {
    /// A value of the column's type, as it is written.
    Value(String),
    /// The identity of another row.
    Row(RowKey),
}

/// How deep identities may be nested.
const DEEPEST: usize = 32;

impl RowKey {
    /// Reads the identity from a value of YAML or JSON: a text as in CSV, or a list.
    ///
    /// # Errors
    ///
    /// The value is no identity.
    pub fn of(value: &Value) -> Result<RowKey, Error> {
        match value {
            Value::Text(text) | Value::Number(text) => text.parse(),
            Value::List(values) => RowKey::listed(values, 0),
            Value::Bool(truth) => truth.to_string().parse(),
            Value::Null | Value::Map(_) => Err(wrong("no row is named here")),
        }
    }

    fn listed(values: &[Value], depth: usize) -> Result<RowKey, Error> {
        if values.is_empty() || depth > DEEPEST {
            return Err(wrong(if depth > DEEPEST { TOO_DEEP } else { "an identity has no parts" }));
        }
        let part = |value: &Value| match value {
            Value::Text(text) | Value::Number(text) => Ok(KeyPart::Value(text.clone())),
            Value::Bool(truth) => Ok(KeyPart::Value(truth.to_string())),
            Value::List(values) => RowKey::listed(values, depth + 1).map(KeyPart::Row),
            Value::Null | Value::Map(_) => Err(wrong("a part of an identity is a value or a list")),
        };
        values.iter().map(part).collect::<Result<_, _>>().map(|parts| RowKey { parts })
    }
}

const TOO_DEEP: &str = "the identity nests too deep";

impl FromStr for RowKey {
    type Err = Error;

    /// Reads `family.10000`, `(family.10000).1000`, `'b.c'.d`.
    fn from_str(text: &str) -> Result<RowKey, Error> {
        let mut rest = text;
        let key = row(&mut rest, 0)?;
        match rest.is_empty() {
            true => Ok(key),
            false => Err(wrong(format!("`{rest}` follows the identity"))),
        }
    }
}

/// Takes parts joined by dots.
fn row(rest: &mut &str, depth: usize) -> Result<RowKey, Error> {
    if depth > DEEPEST {
        return Err(wrong(TOO_DEEP));
    }
    let mut parts = Vec::new();
    loop {
        *rest = rest.trim_start();
        parts.push(match rest.chars().next() {
            Some('(') => {
                *rest = rest.get(1..).unwrap_or_default();
                let inner = row(rest, depth + 1)?;
                *rest = rest.strip_prefix(')').ok_or_else(|| wrong("a `(` has no `)`"))?;
                KeyPart::Row(inner)
            }
            Some('\'') => KeyPart::Value(quoted(rest)?),
            _ => KeyPart::Value(bare(rest)?),
        });
        *rest = rest.trim_start();
        match rest.strip_prefix('.') {
            Some(more) => *rest = more,
            None => return Ok(RowKey { parts }),
        }
    }
}

fn quoted(rest: &mut &str) -> Result<String, Error> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' if chars.next_if(|(_, next)| *next == '\'').is_some() => value.push('\''),
            '\'' => {
                *rest = rest.get(at + 1..).unwrap_or_default();
                return Ok(value);
            }
            c => value.push(c),
        }
    }
    Err(wrong("a quote has no end"))
}

fn bare(rest: &mut &str) -> Result<String, Error> {
    let end = rest.find(['.', '(', ')', '\'', '[', ']']).unwrap_or(rest.len());
    let (value, after) = rest.split_at(end);
    let value = value.trim_end();
    if value.is_empty() {
        return Err(wrong("a part of an identity is missing"));
    }
    *rest = after;
    Ok(value.to_owned())
}

fn wrong(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Format, message)
        .help("an identity is `family.10000`, `(family.10000).1000`, `'a.b'.c` or a list: `[[family, 10000], 1000]`")
}

/// As it is written in CSV.
impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.parts.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "." })?;
            match part {
                KeyPart::Row(row) => write!(f, "({row})")?,
                KeyPart::Value(value) if is_bare(value) => f.write_str(value)?,
                KeyPart::Value(value) => write!(f, "'{}'", value.replace('\'', "''"))?,
            }
        }
        Ok(())
    }
}

fn is_bare(value: &str) -> bool {
    !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cases::cases;

    #[test]
    fn identities_are_read() {
        for (text, printed) in [
            ("a", "a"),
            ("family.10000", "family.10000"),
            ("(family.10000).1000", "(family.10000).1000"),
            (" ( a . b ) . c ", "(a.b).c"),
            ("'b.c'.'it''s'", "'b.c'.'it''s'"),
            ("''", "''"),
            ("((a))", "((a))"),
            ("2020-01-01.x y", "2020-01-01.'x y'"),
            ("1.10", "1.10"),
        ] {
            assert_eq!(text.parse::<RowKey>().unwrap().to_string(), printed, "{text}");
        }
    }

    #[test]
    fn what_is_no_identity_is_refused() {
        for text in ["", " ", ".", "a.", ".a", "a..b", "(a", "a)", "()", "'a", "'a'b", "a(b)", "a[b]", "[a]"]
        {
            assert!(text.parse::<RowKey>().is_err(), "{text}");
        }
        assert!("(".repeat(1000).parse::<RowKey>().is_err());
        assert!(RowKey::of(&Value::List(vec![])).is_err());
        assert!(RowKey::of(&Value::Null).is_err());
    }

    fn key() -> impl Strategy<Value = RowKey> {
        let value = ".{0,4}".prop_map(KeyPart::Value);
        let part = value.prop_recursive(3, 12, 3, |part| {
            prop::collection::vec(part, 1..4).prop_map(|parts| KeyPart::Row(RowKey { parts }))
        });
        prop::collection::vec(part, 1..4).prop_map(|parts| RowKey { parts })
    }

    proptest! {
        #![proptest_config(cases(1000))]

        #[test]
        fn an_identity_is_read_back(key in key()) {
            prop_assert_eq!(key.to_string().parse::<RowKey>().unwrap(), key);
        }

        #[test]
        fn no_text_panics(text in "[a.()' \\[]{0,12}") {
            let _ = text.parse::<RowKey>();
        }
    }
}
