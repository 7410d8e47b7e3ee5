use super::cells::{ColumnCell, ColumnCells, TooLarge};
use super::identities::form;
use super::keys::Keys;
use super::links::Links;
use super::table_field::TableField;
use crate::rows::values::{ColumnType, GivenValue, Mismatch, convert};

/// The values that the rows of a fact give for one field.
#[derive(Debug)]
pub struct DataColumn {
    /// The field, as the fact names it.
    pub(crate) label: String,
    pub(crate) field: TableField,
    /// The column in the database.
    pub(crate) name: String,
    pub(crate) kind: ColumnType,
    pub(crate) values: Values,
    /// The default that the server uses if a row gives nothing.
    pub(crate) default: Option<String>,
}

/// The values of a field, row by row.
#[derive(Debug)]
pub(crate) enum Values {
    /// Values of the column itself.
    Cells(ColumnCells),
    /// Links to other rows.
    Links(Box<Links>),
}

impl DataColumn {
    /// Adds the value of the next row.
    pub(crate) fn push(&mut self, given: GivenValue<'_>, row: u32) -> Result<(), Mismatch> {
        let pushed = match (&mut self.values, given) {
            (Values::Links(links), given) => return links.push(given, row),
            (Values::Cells(cells), GivenValue::Absent) => cells.push(ColumnCell::Absent),
            (Values::Cells(cells), GivenValue::Null) => cells.push(ColumnCell::Null),
            (Values::Cells(cells), given) => {
                convert(&self.kind.kind, given).map(|text| cells.push(ColumnCell::Text(&text)))?
            }
        };
        pushed.map_err(|TooLarge| Mismatch {
            takes: "less than 4 GiB in all rows".to_owned(),
            note: None,
            help: None,
        })
    }

    /// The value that a row has for the database. A link whose target row does not exist yet is absent.
    pub(crate) fn cell(&self, row: u32) -> ColumnCell<'_> {
        match &self.values {
            Values::Cells(cells) => cells.get(row),
            Values::Links(links) => links.cell(row),
        }
    }

    /// Whether a row gives a value or NULL.
    pub(crate) fn gives(&self, row: u32) -> bool {
        match &self.values {
            Values::Cells(cells) => cells.get(row) != ColumnCell::Absent,
            Values::Links(links) => links.gives(row),
        }
    }

    /// The links, if it holds links.
    pub(crate) fn links(&self) -> Option<&Links> {
        match &self.values {
            Values::Cells(_) => None,
            Values::Links(links) => Some(links),
        }
    }

    pub(crate) fn links_mut(&mut self) -> Option<&mut Links> {
        match &mut self.values {
            Values::Cells(_) => None,
            Values::Links(links) => Some(links),
        }
    }

    /// The key that a row links to.
    pub(crate) fn key(&self, row: u32) -> Option<(&Keys, u32)> {
        let links = self.links()?;
        links.key(row).map(|number| (&links.keys, number))
    }

    /// Whether a row's link points to a row of the same data that is not inserted yet.
    pub(crate) fn waits(&self, row: u32) -> bool {
        self.key(row).is_some() && self.cell(row) == ColumnCell::Absent
    }

    /// The value as an error shows it.
    pub(crate) fn shown(&self, row: u32) -> String {
        match self.key(row) {
            Some((keys, number)) => keys.shown(number),
            None => self.cell(row).text().unwrap_or_default().to_owned(),
        }
    }

    /// Whether two rows give the same value.
    pub(crate) fn same(&self, one: u32, other: u32) -> bool {
        match &self.values {
            Values::Links(links) => links.same(one, other),
            Values::Cells(cells) => match (cells.get(one), cells.get(other)) {
                (ColumnCell::Text(one), ColumnCell::Text(other)) => {
                    one == other || form(&self.kind.kind, one) == form(&self.kind.kind, other)
                }
                (one, other) => one == other,
            },
        }
    }

    /// Copies the value of one row to another.
    pub(crate) fn copy(&mut self, from: u32, to: u32) {
        match &mut self.values {
            Values::Cells(cells) => cells.copy(from, to),
            Values::Links(links) => links.copy(from, to),
        }
    }
}
