use std::borrow::Cow;
use std::sync::Arc;

use super::csv::CsvRecords;
use crate::error::Place;
use crate::facts::document::Position;
use crate::facts::values::Value;

/// The rows of a data fact.
///
/// Rows of CSV stay one text, from which each row is read when it is needed. Two are equal if they give the same cells,
/// whatever their places.
#[derive(Debug, Clone)]
pub struct DataRows {
    pub(crate) fields: Vec<String>,
    pub(crate) count: usize,
    pub(crate) form: RowsFormat,
    pub(crate) origin: RowsOrigin,
}

#[derive(Debug, Clone)]
pub(crate) enum RowsFormat {
    Csv(Arc<str>),
    List(Arc<[ListedRow]>),
}

/// A row of a list.
#[derive(Debug, Clone)]
pub(crate) struct ListedRow {
    pub(crate) position: Position,
    pub(crate) values: Vec<ListedValue>,
}

/// A value of a row of a list.
#[derive(Debug, Clone)]
pub(crate) struct ListedValue {
    /// The number of its field.
    pub(crate) field: usize,
    pub(crate) value: Value,
    pub(crate) position: Position,
}

/// The text that contains the rows.
#[derive(Debug, Clone)]
pub(crate) struct RowsOrigin {
    pub(crate) file: String,
    pub(crate) text: Arc<str>,
    /// The position of the text's first row; all rows have it if their lines are not lines of the file.
    pub(crate) first: Position,
    pub(crate) lines: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The line where it begins, from 1.
    pub line: u32,
    /// A cell for each field.
    pub cells: Vec<Cell<'a>>,
}

/// What a row gives for a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing: the field keeps its value, or gets its default.
    Absent,
    /// A text from CSV, which has only texts: a value of the field's type as it is written.
    Text(Cow<'a, str>),
    /// A value from YAML or JSON.
    Value(&'a Value),
}

impl DataRows {
    /// The fields that any row gives, in the order of their first appearance.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The rows, in order.
    pub fn iter(&self) -> DataRowsIter<'_> {
        let mut iter = DataRowsIter { rows: self, records: None, next: 0, cells: Vec::new() };
        if let RowsFormat::Csv(text) = &self.form {
            let mut records = CsvRecords::new(text);
            let _ = records.next_into(&mut iter.cells);
            iter.records = Some(records);
        }
        iter
    }

    /// The place of a row, counted from 0, or of its value for a field.
    pub fn place(&self, row: usize, field: Option<usize>) -> Place {
        match &self.form {
            RowsFormat::Csv(text) => match CsvRecords::position(text, row + 1, field.unwrap_or_default()) {
                Some((line, column)) => self.place_in_csv(line, column),
                None => Place::file(&self.origin.file),
            },
            RowsFormat::List(rows) => {
                let row = rows.get(row);
                let given = row.and_then(|row| row.values.iter().find(|given| Some(given.field) == field));
                let position = given.map(|given| given.position).or(row.map(|row| row.position));
                position.map_or_else(|| Place::file(&self.origin.file), |position| self.place_at(position))
            }
        }
    }

    /// The place of a line and column of the CSV, which may be indented in its file.
    pub(crate) fn place_in_csv(&self, line: u32, column: u32) -> Place {
        let RowsFormat::Csv(text) = &self.form else { return self.place_at(self.origin.first) };
        if !self.origin.lines {
            return self.place_at(self.origin.first);
        }
        let position = self.position(line);
        let own = text.split('\n').nth(line.saturating_sub(1) as usize).unwrap_or_default();
        let indented =
            self.source(position.line).strip_suffix(own.trim_end()).map_or(0, |blank| blank.chars().count());
        self.place_at(Position {
            column: column.saturating_add(u32::try_from(indented).unwrap_or_default()),
            ..position
        })
    }

    fn place_at(&self, position: Position) -> Place {
        let Position { line, column } = position;
        if line == 0 {
            return Place::file(&self.origin.file);
        }
        let source = Some(self.source(line)).filter(|line| line.len() <= 1000).unwrap_or_default();
        Place { file: self.origin.file.clone(), line, column, source: source.to_owned() }
    }

    fn source(&self, line: u32) -> &str {
        self.origin.text.split('\n').nth(line.saturating_sub(1) as usize).unwrap_or_default().trim_end()
    }

    /// Where in the file a line of the CSV begins.
    fn position(&self, line: u32) -> Position {
        let RowsOrigin { first, lines, .. } = self.origin;
        match lines {
            true => Position { line: first.line.saturating_add(line - 1), column: 1 },
            false => first,
        }
    }

    /// Their value in facts.
    pub(crate) fn words(&self) -> Value {
        match &self.form {
            // A text without blanks would be read as a path.
            RowsFormat::Csv(text) if text.contains(char::is_whitespace) => Value::from(&**text),
            RowsFormat::Csv(text) => Value::from(format!("{text}\n")),
            RowsFormat::List(rows) => Value::List(rows.iter().map(|row| self.mapping(row)).collect()),
        }
    }

    fn mapping(&self, row: &ListedRow) -> Value {
        let entry = |given: &ListedValue| Some((self.fields.get(given.field)?.clone(), given.value.clone()));
        Value::Map(row.values.iter().filter_map(entry).collect())
    }
}

impl PartialEq for DataRows {
    fn eq(&self, other: &DataRows) -> bool {
        let cells = |rows: &DataRows, other: &DataRows| {
            rows.iter().zip(other.iter()).all(|(a, b)| a.cells == b.cells)
        };
        self.fields == other.fields && self.count == other.count && cells(self, other)
    }
}

impl<'a> IntoIterator for &'a DataRows {
    type Item = Row<'a>;
    type IntoIter = DataRowsIter<'a>;

    fn into_iter(self) -> DataRowsIter<'a> {
        self.iter()
    }
}

/// The rows of a data fact, one after another.
#[derive(Debug, Clone)]
pub struct DataRowsIter<'a> {
    rows: &'a DataRows,
    records: Option<CsvRecords<'a>>,
    next: usize,
    cells: Vec<Cow<'a, str>>,
}

impl<'a> Iterator for DataRowsIter<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        match (&self.rows.form, &mut self.records) {
            (RowsFormat::List(rows), _) => {
                let row = rows.get(self.next)?;
                self.next += 1;
                let mut cells = vec![Cell::Absent; self.rows.fields.len()];
                for given in &row.values {
                    if let Some(cell) = cells.get_mut(given.field) {
                        *cell = Cell::Value(&given.value);
                    }
                }
                Some(Row { line: row.position.line, cells })
            }
            (RowsFormat::Csv(_), Some(records)) => {
                // The whole text was read when the rows were created, and had no errors.
                let line = records.next_into(&mut self.cells).ok()??;
                let cells = self.cells.drain(..).map(|cell| match cell.is_empty() {
                    true => Cell::Absent,
                    false => Cell::Text(cell),
                });
                let cells = cells.collect();
                self.next += 1;
                Some(Row { line: self.rows.position(line).line, cells })
            }
            (RowsFormat::Csv(_), None) => None,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rows.count.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for DataRowsIter<'_> {}
