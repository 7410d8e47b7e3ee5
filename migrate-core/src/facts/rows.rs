use std::borrow::Cow;
use std::sync::Arc;

use super::Value;
use super::csv::Records;
use super::source::Mark;
use crate::Place;

/// The rows of a data fact.
///
/// Those of CSV stay one text, from which each is read when its turn comes. Two are equal where they give the
/// same cells, wherever they stand.
#[derive(Debug, Clone)]
pub struct Rows {
    pub(super) fields: Vec<String>,
    pub(super) count: usize,
    pub(super) form: Form,
    pub(super) origin: Origin,
}

#[derive(Debug, Clone)]
pub(super) enum Form {
    Csv(Arc<str>),
    List(Arc<[Listed]>),
}

/// A row of a list.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) mark: Mark,
    pub(super) values: Vec<Given>,
}

/// A value of a row of a list.
#[derive(Debug, Clone)]
pub(super) struct Given {
    /// The number of its field.
    pub(super) field: usize,
    pub(super) value: Value,
    pub(super) mark: Mark,
}

/// The text that rows stand in.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) file: String,
    pub(super) text: Arc<str>,
    /// Where the text's first row stands; the same for all rows where lines can't be told apart.
    pub(super) first: Mark,
    pub(super) lines: bool,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// The line that it begins on, from 1.
    pub line: u32,
    /// A cell for each field.
    pub cells: Vec<Cell<'a>>,
}

/// What a row says about a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> {
    /// Nothing: the field keeps its value, or gets its default.
    Absent,
    /// A text from CSV, which has but texts: a value of the field's type as it is written.
    Text(Cow<'a, str>),
    /// A value from YAML or JSON.
    Value(&'a Value),
}

impl Rows {
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
    pub fn iter(&self) -> RowsIter<'_> {
        let mut iter = RowsIter { rows: self, records: None, next: 0, cells: Vec::new() };
        if let Form::Csv(text) = &self.form {
            let mut records = Records::new(text);
            let _ = records.next_into(&mut iter.cells);
            iter.records = Some(records);
        }
        iter
    }

    /// The place of a row, counted from 0, or of what it gives for a field.
    pub fn place(&self, row: usize, field: Option<usize>) -> Place {
        match &self.form {
            Form::Csv(text) => match Records::position(text, row + 1, field.unwrap_or_default()) {
                Some((line, column)) => self.place_in_csv(line, column),
                None => Place::file(&self.origin.file),
            },
            Form::List(rows) => {
                let row = rows.get(row);
                let given = row.and_then(|row| row.values.iter().find(|given| Some(given.field) == field));
                let mark = given.map(|given| given.mark).or(row.map(|row| row.mark));
                mark.map_or_else(|| Place::file(&self.origin.file), |mark| self.place_at(mark))
            }
        }
    }

    /// The place of a line and column of the CSV, which may stand indented in its file.
    pub(super) fn place_in_csv(&self, line: u32, column: u32) -> Place {
        let Form::Csv(text) = &self.form else { return self.place_at(self.origin.first) };
        if !self.origin.lines {
            return self.place_at(self.origin.first);
        }
        let mark = self.mark(line);
        let own = text.split('\n').nth(line.saturating_sub(1) as usize).unwrap_or_default();
        let indented =
            self.source(mark.line).strip_suffix(own.trim_end()).map_or(0, |blank| blank.chars().count());
        self.place_at(Mark {
            column: column.saturating_add(u32::try_from(indented).unwrap_or_default()),
            ..mark
        })
    }

    fn place_at(&self, mark: Mark) -> Place {
        let Mark { line, column } = mark;
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
    fn mark(&self, line: u32) -> Mark {
        let Origin { first, lines, .. } = self.origin;
        match lines {
            true => Mark { line: first.line.saturating_add(line - 1), column: 1 },
            false => first,
        }
    }

    /// What facts call them.
    pub(super) fn words(&self) -> Value {
        match &self.form {
            // A text without blanks would be a path.
            Form::Csv(text) if text.contains(char::is_whitespace) => Value::from(&**text),
            Form::Csv(text) => Value::from(format!("{text}\n")),
            Form::List(rows) => Value::List(rows.iter().map(|row| self.mapping(row)).collect()),
        }
    }

    fn mapping(&self, row: &Listed) -> Value {
        let entry = |given: &Given| Some((self.fields.get(given.field)?.clone(), given.value.clone()));
        Value::Map(row.values.iter().filter_map(entry).collect())
    }
}

impl PartialEq for Rows {
    fn eq(&self, other: &Rows) -> bool {
        let cells =
            |rows: &Rows, other: &Rows| rows.iter().zip(other.iter()).all(|(a, b)| a.cells == b.cells);
        self.fields == other.fields && self.count == other.count && cells(self, other)
    }
}

impl<'a> IntoIterator for &'a Rows {
    type Item = Row<'a>;
    type IntoIter = RowsIter<'a>;

    fn into_iter(self) -> RowsIter<'a> {
        self.iter()
    }
}

/// The rows of a data fact, one after another.
#[derive(Debug, Clone)]
pub struct RowsIter<'a> {
    rows: &'a Rows,
    records: Option<Records<'a>>,
    next: usize,
    cells: Vec<Cow<'a, str>>,
}

impl<'a> Iterator for RowsIter<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        match (&self.rows.form, &mut self.records) {
            (Form::List(rows), _) => {
                let row = rows.get(self.next)?;
                self.next += 1;
                let mut cells = vec![Cell::Absent; self.rows.fields.len()];
                for given in &row.values {
                    if let Some(cell) = cells.get_mut(given.field) {
                        *cell = Cell::Value(&given.value);
                    }
                }
                Some(Row { line: row.mark.line, cells })
            }
            (Form::Csv(_), Some(records)) => {
                // The whole text was read when the rows were made, and had no faults.
                let line = records.next_into(&mut self.cells).ok()??;
                let cells = self.cells.drain(..).map(|cell| match cell.is_empty() {
                    true => Cell::Absent,
                    false => Cell::Text(cell),
                });
                let cells = cells.collect();
                self.next += 1;
                Some(Row { line: self.rows.mark(line).line, cells })
            }
            (Form::Csv(_), None) => None,
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.rows.count.saturating_sub(self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for RowsIter<'_> {}
