use std::borrow::Cow;
use std::collections::HashMap;

use super::cells::{ColumnCell, ColumnCells, TooLarge};
use super::table_identity::TableIdentity;
use crate::facts::{KeyPart, RowKey, Value};
use crate::rows::values::{GivenValue, Mismatch, convert};

/// The rows that the links of a column point to, each once.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// Their table, and its identity.
    pub(crate) target: TableIdentity,
    /// The column of that table whose values links hold.
    pub(crate) key: String,
    /// Whether it is the table of the data itself.
    pub(crate) own: bool,
    /// The plain values of the keys: one column for each.
    pub(crate) leaves: Vec<ColumnCells>,
    /// The first row that names each key.
    pub(crate) first: Vec<u32>,
    numbers: HashMap<Box<str>, u32>,
}

impl Keys {
    pub(crate) fn new(target: TableIdentity, key: String, own: bool) -> Keys {
        let leaves = target.leaves().iter().map(|_| ColumnCells::default()).collect();
        Keys { target, key, own, leaves, first: Vec::new(), numbers: HashMap::new() }
    }

    /// The number of the key that a row gives.
    pub(crate) fn number(&mut self, given: GivenValue<'_>, row: u32) -> Result<u32, Mismatch> {
        let written = written(given);
        if let Some(number) = self.numbers.get(&*written) {
            return Ok(*number);
        }
        let number = u32::try_from(self.first.len()).unwrap_or(u32::MAX);
        self.add(given)?;
        self.first.push(row);
        self.numbers.insert(written.into(), number);
        Ok(number)
    }

    fn add(&mut self, given: GivenValue<'_>) -> Result<(), Mismatch> {
        let kinds = self.target.leaves();
        let (key, mut found) = (row_key(given), Vec::new());
        if let Some(key) = &key {
            leaves(key, &mut found);
        }
        if found.len() != kinds.len() {
            return Err(Mismatch {
                takes: format!(
                    "the identity of a row of `{}`, `{}`",
                    self.target.name.name,
                    self.target.form()
                ),
                note: None,
                help: Some("put a value that has points or parentheses in single quotes".to_owned()),
            });
        }
        let texts = kinds.iter().zip(&found).map(|(kind, leaf)| convert(&kind.kind, GivenValue::Text(leaf)));
        let texts = texts.collect::<Result<Vec<_>, _>>().map_err(|misfit| Mismatch {
            takes: format!("the identity of a row of `{}`, in it {}", self.target.name.name, misfit.takes),
            ..misfit
        })?;
        let texts: Vec<String> = texts.into_iter().map(Cow::into_owned).collect();
        let pushed = self
            .leaves
            .iter_mut()
            .zip(&texts)
            .try_for_each(|(cells, text)| cells.push(ColumnCell::Text(text)));
        pushed.map_err(|TooLarge| Mismatch {
            takes: "less than 4 GiB of keys".to_owned(),
            note: None,
            help: None,
        })
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.first.len()).unwrap_or(u32::MAX)
    }

    /// The plain values of one.
    pub(crate) fn texts(&self, number: u32) -> impl Iterator<Item = &str> {
        self.leaves.iter().map(move |cells| cells.get(number).text().unwrap_or_default())
    }

    /// A key as a person writes it.
    pub(crate) fn shown(&self, number: u32) -> String {
        self.texts(number).collect::<Vec<_>>().join(".")
    }
}

fn row_key(given: GivenValue<'_>) -> Option<RowKey> {
    match given {
        GivenValue::Text(text) => text.parse().ok(),
        // A number is one value: its point does not separate parts.
        GivenValue::Number(text) => Some(RowKey { parts: vec![KeyPart::Value(text.to_owned())] }),
        GivenValue::List(list) => RowKey::of(&Value::List(list.to_vec())).ok(),
        GivenValue::Absent | GivenValue::Null | GivenValue::Bool(_) | GivenValue::Map(_) => None,
    }
}

/// The identities of the tables determine which value belongs to which table; parentheses do not matter.
fn leaves<'k>(key: &'k RowKey, found: &mut Vec<&'k str>) {
    for part in &key.parts {
        match part {
            KeyPart::Value(value) => found.push(value),
            KeyPart::Row(row) => leaves(row, found),
        }
    }
}

/// A key that distinguishes spellings.
fn written(given: GivenValue<'_>) -> Cow<'_, str> {
    match given {
        GivenValue::Text(text) => Cow::Borrowed(text),
        // A NUL, which no accepted text contains, distinguishes lists and numbers from texts.
        GivenValue::Number(text) => Cow::Owned(format!("\0{text}")),
        GivenValue::List(list) => Cow::Owned(format!("\0{list:?}")),
        GivenValue::Absent | GivenValue::Null | GivenValue::Bool(_) | GivenValue::Map(_) => {
            Cow::Borrowed("\0")
        }
    }
}
