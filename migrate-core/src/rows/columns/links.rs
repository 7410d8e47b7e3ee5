use super::cells::{ColumnCell, ColumnCells};
use super::keys::Keys;
use crate::rows::values::{GivenValue, Mismatch};

/// The links of a column: for each row the number of a key.
#[derive(Debug)]
pub(crate) struct Links {
    /// The rows that they point to.
    pub(crate) keys: Keys,
    numbers: Vec<u32>,
    /// The value of the column for each key, after it is known.
    ids: ColumnCells,
}

const ABSENT: u32 = u32::MAX;
const NULL: u32 = u32::MAX - 1;

impl Links {
    pub(crate) fn new(keys: Keys) -> Links {
        Links { keys, numbers: Vec::new(), ids: ColumnCells::default() }
    }

    /// Adds the value of the next row.
    pub(crate) fn push(&mut self, given: GivenValue<'_>, row: u32) -> Result<(), Mismatch> {
        let number = match given {
            GivenValue::Absent => ABSENT,
            GivenValue::Null => NULL,
            given => self.keys.number(given, row)?,
        };
        self.numbers.push(number);
        Ok(())
    }

    /// Ends adding rows.
    pub(crate) fn finish(&mut self) {
        self.ids = ColumnCells::absent(self.keys.len() as usize);
    }

    /// Sets the value of the column for a key.
    pub(crate) fn set_link_value(&mut self, number: u32, id: &str) {
        // More than 4 GiB of keys were refused before.
        let _ = self.ids.set(number, ColumnCell::Text(id));
    }

    /// The keys whose rows are not known yet.
    pub(crate) fn unresolved(&self) -> Vec<u32> {
        (0..self.keys.len()).filter(|number| self.ids.get(*number) == ColumnCell::Absent).collect()
    }

    /// The value that a row has for the database: a link whose target row does not exist yet is absent.
    pub(crate) fn cell(&self, row: u32) -> ColumnCell<'_> {
        match self.at(row) {
            ABSENT => ColumnCell::Absent,
            NULL => ColumnCell::Null,
            number => self.ids.get(number),
        }
    }

    /// Whether a row gives a value or NULL.
    pub(crate) fn gives(&self, row: u32) -> bool {
        self.at(row) != ABSENT
    }

    /// The key that a row links to.
    pub(crate) fn key(&self, row: u32) -> Option<u32> {
        Some(self.at(row)).filter(|number| *number < NULL)
    }

    /// Whether two rows give the same value.
    pub(crate) fn same(&self, one: u32, other: u32) -> bool {
        let texts = |row: u32| self.key(row).map(|number| self.keys.texts(number));
        self.at(one) == self.at(other)
            || texts(one).zip(texts(other)).is_some_and(|(one, other)| one.eq(other))
    }

    /// Copies the value of one row to another.
    pub(crate) fn copy(&mut self, from: u32, to: u32) {
        let number = self.at(from);
        if let Some(cell) = self.numbers.get_mut(to as usize) {
            *cell = number;
        }
    }

    fn at(&self, row: u32) -> u32 {
        self.numbers.get(row as usize).copied().unwrap_or(ABSENT)
    }
}
