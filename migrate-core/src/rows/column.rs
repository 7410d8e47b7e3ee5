use super::cells::{Cell, Cells, TooLarge};
use super::convert::{Misfit, convert};
use super::field::Field;
use super::given::Given;
use super::identities::form;
use super::keys::Keys;
use super::kind::ColumnType;

/// What the rows of a fact give for one field.
#[derive(Debug)]
pub struct Column {
    /// The field, as the fact names it.
    pub(crate) label: String,
    pub(crate) field: Field,
    /// The column in the database.
    pub(crate) name: String,
    pub(crate) kind: ColumnType,
    pub(crate) values: Values,
    /// What the server puts in where a row gives nothing.
    pub(crate) default: Option<String>,
}

/// The values of a field, row by row.
#[derive(Debug)]
pub(crate) enum Values {
    /// Values of the column itself.
    Cells(Cells),
    /// Links: each row has the number of a key.
    Links {
        keys: Keys,
        numbers: Vec<u32>,
        /// What the column holds for each key, once that is known.
        ids: Cells,
    },
}

const ABSENT: u32 = u32::MAX;
const NULL: u32 = u32::MAX - 1;

impl Column {
    /// Takes what the next row gives.
    pub(crate) fn push(&mut self, given: Given<'_>, row: u32) -> Result<(), Misfit> {
        let pushed = match (&mut self.values, given) {
            (Values::Cells(cells), Given::Absent) => cells.push(Cell::Absent),
            (Values::Cells(cells), Given::Null) => cells.push(Cell::Null),
            (Values::Cells(cells), given) => {
                convert(&self.kind.kind, given).map(|text| cells.push(Cell::Text(&text)))?
            }
            (Values::Links { numbers, .. }, Given::Absent) => {
                numbers.push(ABSENT);
                Ok(())
            }
            (Values::Links { numbers, .. }, Given::Null) => {
                numbers.push(NULL);
                Ok(())
            }
            (Values::Links { keys, numbers, .. }, given) => {
                let number = keys.number(given, row)?;
                numbers.push(number);
                Ok(())
            }
        };
        pushed.map_err(|TooLarge| Misfit {
            takes: "less than 4 GiB in all rows".to_owned(),
            note: None,
            help: None,
        })
    }

    /// After a value that does not fit: one that stands for it, so that rows stay rows.
    pub(crate) fn skip(&mut self) {
        match &mut self.values {
            Values::Cells(cells) => {
                let _ = cells.push(Cell::Absent);
            }
            Values::Links { numbers, .. } => numbers.push(ABSENT),
        }
    }

    /// What a row has for the database. A link that waits for its row is absent.
    pub(crate) fn cell(&self, row: u32) -> Cell<'_> {
        match &self.values {
            Values::Cells(cells) => cells.get(row),
            Values::Links { numbers, ids, .. } => match numbers.get(row as usize) {
                None | Some(&ABSENT) => Cell::Absent,
                Some(&NULL) => Cell::Null,
                Some(number) => ids.get(*number),
            },
        }
    }

    /// Whether a row gives anything.
    pub(crate) fn gives(&self, row: u32) -> bool {
        match &self.values {
            Values::Cells(cells) => cells.get(row) != Cell::Absent,
            Values::Links { numbers, .. } => {
                numbers.get(row as usize).is_some_and(|number| *number != ABSENT)
            }
        }
    }

    /// The key that a row links to.
    pub(crate) fn key(&self, row: u32) -> Option<(&Keys, u32)> {
        let Values::Links { keys, numbers, .. } = &self.values else { return None };
        let number = *numbers.get(row as usize)?;
        (number < NULL).then_some((keys, number))
    }

    /// The link that waits for a row of the same data to be there.
    pub(crate) fn waits(&self, row: u32) -> Option<u32> {
        let (_, number) = self.key(row)?;
        (self.cell(row) == Cell::Absent).then_some(number)
    }

    /// The keys whose rows are not known yet.
    pub(crate) fn unresolved(&self) -> Vec<u32> {
        let Values::Links { keys, ids, .. } = &self.values else { return Vec::new() };
        (0..keys.len()).filter(|number| ids.get(*number) == Cell::Absent).collect()
    }

    /// As an error shows it.
    pub(crate) fn shown(&self, row: u32) -> String {
        match (&self.values, self.key(row)) {
            (Values::Cells(cells), _) => cells.get(row).text().unwrap_or_default().to_owned(),
            (Values::Links { .. }, Some((keys, number))) => keys.shown(number),
            (Values::Links { .. }, None) => String::new(),
        }
    }

    /// Whether two rows give the same.
    pub(crate) fn same(&self, one: u32, other: u32) -> bool {
        match &self.values {
            Values::Cells(cells) => match (cells.get(one), cells.get(other)) {
                (Cell::Text(one), Cell::Text(other)) => {
                    one == other || form(&self.kind.kind, one) == form(&self.kind.kind, other)
                }
                (one, other) => one == other,
            },
            Values::Links { keys, numbers, .. } => {
                let number = |row: u32| numbers.get(row as usize).copied().unwrap_or(ABSENT);
                let (one, other) = (number(one), number(other));
                one == other || one < NULL && other < NULL && keys.texts(one).eq(keys.texts(other))
            }
        }
    }

    /// Gives a row what another has.
    pub(crate) fn copy(&mut self, from: u32, to: u32) {
        match &mut self.values {
            Values::Cells(cells) => cells.copy(from, to),
            Values::Links { numbers, .. } => {
                let number = numbers.get(from as usize).copied();
                if let (Some(number), Some(cell)) = (number, numbers.get_mut(to as usize)) {
                    *cell = number;
                }
            }
        }
    }
}
