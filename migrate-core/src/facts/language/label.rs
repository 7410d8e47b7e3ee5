use std::fmt;

use crate::error::Error;
use crate::facts::document::DocumentNode;
use crate::text::quote::LONGEST;

/// The label of a table, with its schema if the fact names one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// The schema; if the fact names none, the bundle's own, or else `public`.
    pub schema: Option<String>,
    /// The label, from which the table's name is made.
    pub label: String,
}

impl TableName {
    /// Reads `[SCHEMA.]LABEL`; `None` if the text has another form.
    pub fn parse(text: &str) -> Option<TableName> {
        match text.split('.').collect::<Vec<_>>().as_slice() {
            [label] if is_label(label) => Some(TableName { schema: None, label: (*label).to_owned() }),
            [schema, label] if is_name(schema) && is_label(label) => {
                Some(TableName { schema: Some((*schema).to_owned()), label: (*label).to_owned() })
            }
            _ => None,
        }
    }

    /// Whether both name the same table; a missing schema counts as the schema of the other.
    pub(crate) fn agrees(&self, other: &TableName) -> bool {
        let schemas = self.schema.as_ref().zip(other.schema.as_ref());
        self.label == other.label && schemas.is_none_or(|(a, b)| a == b)
    }

    pub(crate) fn read(node: &DocumentNode) -> Result<TableName, Error> {
        let text = node.text()?;
        TableName::parse(text).ok_or_else(|| {
            node.error(format!("`{text}` is not a label of a table"))
                .help(format!("{FORM}, or `SCHEMA.TABLE`"))
        })
    }

    /// The same for an object that has a name instead of a label: a view, a sequence.
    pub(crate) fn read_named(node: &DocumentNode) -> Result<TableName, Error> {
        let text = node.text()?;
        let (schema, label) = match text.split_once('.') {
            Some((schema, label)) => (Some(schema.to_owned()), label.to_owned()),
            None => (None, text.to_owned()),
        };
        let fine = schema.as_deref().is_none_or(is_name) && is_name(&label) && !label.contains('.');
        fine.then_some(TableName { schema, label }).ok_or_else(|| {
            node.error(format!("`{text}` is not a name")).help(format!("{NAME}, or `SCHEMA.NAME`"))
        })
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.label),
            None => f.write_str(&self.label),
        }
    }
}

pub(crate) const FORM: &str = "a label is letters, digits and `_`, and starts with no digit";

const NAME: &str = "a name is at most 63 bytes without control characters and dots";

/// Whether it is a label: a letter or `_`, then any number of letters, digits and `_`.
pub(crate) fn is_label(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.chars().all(word) && text.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && !text.contains(|c: char| c.is_control() || c == '.')
}

pub(crate) fn label(node: &DocumentNode) -> Result<String, Error> {
    let text = node.text()?;
    match is_label(text) {
        true => Ok(text.to_owned()),
        false => Err(node.error(format!("`{text}` is not a label")).help(FORM)),
    }
}

/// A label, or several.
pub(crate) fn labels(node: &DocumentNode) -> Result<Vec<String>, Error> {
    each(node, label)
}

/// The label of a column or link, with or without its table's: `[[SCHEMA.]TABLE.]LABEL`.
pub(crate) fn field(node: &DocumentNode) -> Result<(Option<TableName>, String), Error> {
    let text = node.text()?;
    let (table, label) = match text.rsplit_once('.') {
        Some((table, label)) => (Some(TableName::parse(table)), label),
        None => (None, text),
    };
    match (table, is_label(label)) {
        (None, true) => Ok((None, label.to_owned())),
        (Some(Some(table)), true) => Ok((Some(table), label.to_owned())),
        _ => Err(node
            .error(format!("`{text}` is not a label"))
            .help(format!("{FORM}; the table may come before it: `TABLE.LABEL`, `SCHEMA.TABLE.LABEL`"))),
    }
}

/// A name that is used in the database unchanged.
pub(crate) fn name(node: &DocumentNode) -> Result<String, Error> {
    let text = node.text()?;
    match is_name(text) {
        true => Ok(text.to_owned()),
        false => Err(node.error(format!("`{text}` is not a name")).help(NAME)),
    }
}

/// The name of a role, which may contain dots.
pub(crate) fn role(node: &DocumentNode) -> Result<String, Error> {
    let text = node.text()?;
    match is_name(&text.replace('.', "_")) {
        true => Ok(text.to_owned()),
        false => Err(node
            .error(format!("`{text}` is not a name of a role"))
            .help("a role's name is at most 63 bytes")),
    }
}

/// One value or several; all their problems are reported at once.
pub(crate) fn each<T>(
    node: &DocumentNode,
    read: impl Fn(&DocumentNode) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut values = Vec::new();
    let mut problems = Vec::new();
    for node in node.one_or_list() {
        match read(node) {
            Ok(value) => values.push(value),
            Err(problem) => problems.push(problem),
        }
    }
    Error::all(problems).map_or(Ok(values), Err)
}

/// A name with its arguments, `[SCHEMA.]NAME(ARGUMENTS)`.
pub(crate) fn signature(node: &DocumentNode) -> Result<(Option<String>, String, String), Error> {
    let text = node.text()?.trim();
    let parts = text.strip_suffix(')').and_then(|text| text.split_once('('));
    let parts = parts.and_then(|(name, arguments)| {
        let (schema, name) = match name.trim().split_once('.') {
            Some((schema, name)) => (Some(schema), name),
            None => (None, name.trim()),
        };
        let fine = is_name(name) && schema.is_none_or(is_name);
        fine.then(|| (schema.map(str::to_owned), name.to_owned(), arguments.trim().to_owned()))
    });
    parts.ok_or_else(|| {
        node.error(format!("`{text}` is not a function"))
            .help("write its name and the types of its arguments: `NAME(integer, text)`, `SCHEMA.NAME()`")
    })
}

/// An SQL expression, or another text that must not be empty.
pub(crate) fn expression(node: &DocumentNode) -> Result<String, Error> {
    let text = node.text()?;
    match text.trim().is_empty() {
        true => Err(node.error("an expression belongs here").help("write one of SQL, such as `price > 0`")),
        false => Ok(text.to_owned()),
    }
}
