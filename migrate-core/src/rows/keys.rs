use std::borrow::Cow;
use std::collections::HashMap;

use crate::facts::{KeyPart, RowKey, Value};

use super::cells::{Cell, Cells, TooLarge};
use super::convert::{Misfit, convert};
use super::given::Given;
use super::target::Target;

/// The rows that the links of a column point to, each named once.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    /// The table that they are in.
    pub(crate) target: Target,
    /// The column there that links hold.
    pub(crate) key: String,
    /// Whether that is the table of the data itself.
    pub(crate) own: bool,
    /// The plain values of the keys: one column for each.
    pub(crate) leaves: Vec<Cells>,
    /// The first row that names each.
    pub(crate) first: Vec<u32>,
    numbers: HashMap<Box<str>, u32>,
}

impl Keys {
    pub(crate) fn new(target: Target, key: String, own: bool) -> Keys {
        let leaves = target.leaves().iter().map(|_| Cells::default()).collect();
        Keys { target, key, own, leaves, first: Vec::new(), numbers: HashMap::new() }
    }

    /// The number of what a row gives.
    pub(crate) fn number(&mut self, given: Given<'_>, row: u32) -> Result<u32, Misfit> {
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

    fn add(&mut self, given: Given<'_>) -> Result<(), Misfit> {
        let kinds = self.target.leaves();
        let (key, mut found) = (row_key(given), Vec::new());
        if let Some(key) = &key {
            leaves(key, &mut found);
        }
        if found.len() != kinds.len() {
            return Err(Misfit {
                takes: format!(
                    "the identity of a row of `{}`, `{}`",
                    self.target.name.name,
                    self.target.form()
                ),
                note: None,
                help: Some("put a value that has points or parentheses in single quotes".to_owned()),
            });
        }
        let texts = kinds.iter().zip(&found).map(|(kind, leaf)| convert(&kind.kind, Given::Text(leaf)));
        let texts = texts.collect::<Result<Vec<_>, _>>().map_err(|misfit| Misfit {
            takes: format!("the identity of a row of `{}`, in it {}", self.target.name.name, misfit.takes),
            ..misfit
        })?;
        let texts: Vec<String> = texts.into_iter().map(Cow::into_owned).collect();
        let pushed =
            self.leaves.iter_mut().zip(&texts).try_for_each(|(cells, text)| cells.push(Cell::Text(text)));
        pushed.map_err(|TooLarge| Misfit {
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

fn row_key(given: Given<'_>) -> Option<RowKey> {
    match given {
        Given::Text(text) => text.parse().ok(),
        // The digits of a number are one value, its point no end of a part.
        Given::Number(text) => Some(RowKey { parts: vec![KeyPart::Value(text.to_owned())] }),
        Given::List(list) => RowKey::of(&Value::List(list.to_vec())).ok(),
        Given::Absent | Given::Null | Given::Bool(_) | Given::Map(_) => None,
    }
}

/// Which value belongs to which table follows from their identities, not from the parentheses.
fn leaves<'k>(key: &'k RowKey, found: &mut Vec<&'k str>) {
    for part in &key.parts {
        match part {
            KeyPart::Value(value) => found.push(value),
            KeyPart::Row(row) => leaves(row, found),
        }
    }
}

/// What tells one spelling from another.
fn written(given: Given<'_>) -> Cow<'_, str> {
    match given {
        Given::Text(text) => Cow::Borrowed(text),
        // A NUL, which no text that passes has, keeps lists and numbers apart from texts.
        Given::Number(text) => Cow::Owned(format!("\0{text}")),
        Given::List(list) => Cow::Owned(format!("\0{list:?}")),
        Given::Absent | Given::Null | Given::Bool(_) | Given::Map(_) => Cow::Borrowed("\0"),
    }
}
