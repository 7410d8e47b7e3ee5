use std::borrow::Cow;
use std::sync::Arc;

use super::csv::Records;
use super::node::{Content, Entry, Node, Style};
use super::reader::Reader;
use super::source::Source;
use super::{Value, label};
use crate::{Error, ErrorKind, Place};

/// The rows of a data fact.
///
/// Those of CSV stay one text, from which each is read when its turn comes. Two are equal where they give the
/// same cells, wherever they stand.
#[derive(Debug, Clone)]
pub struct Rows {
    fields: Vec<String>,
    count: usize,
    form: Form,
    origin: Origin,
}

#[derive(Debug, Clone)]
enum Form {
    Csv(Arc<str>),
    List(Arc<[Listed]>),
}

/// A row of a list.
#[derive(Debug, Clone)]
struct Listed {
    line: u32,
    values: Vec<Option<Value>>,
}

/// The text that rows stand in.
#[derive(Debug, Clone)]
struct Origin {
    file: String,
    text: Arc<str>,
    /// The line of the text's first row; the same for all rows where lines can't be told apart.
    first: u32,
    lines: bool,
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

/// The most columns that a table can have (PostgreSQL's manual, appendix K).
const MOST_FIELDS: usize = 1600;

/// How many problems of one text are told: a file that is no CSV has one in every line.
const MOST_PROBLEMS: usize = 20;

impl Rows {
    /// The rows of a CSV text: its first line names the fields, and an empty cell says nothing.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text, each with its line in `file`.
    pub fn csv(file: &str, text: impl Into<Arc<str>>) -> Result<Rows, Error> {
        let text = text.into();
        Rows::of_csv(Origin { file: file.to_owned(), text: text.clone(), first: 1, lines: true }, text)
    }

    /// Rows of values: each has as many as there are fields, `None` where it says nothing.
    ///
    /// # Errors
    ///
    /// A field stands twice, or a row has too many values or too few.
    pub fn list(fields: Vec<String>, rows: Vec<Vec<Option<Value>>>) -> Result<Rows, Error> {
        let wrong = |message: String| Error::new(ErrorKind::Format, message);
        if let Some((_, field)) = twice(&fields) {
            return Err(wrong(format!("the field `{field}` stands twice")));
        }
        if let Some(row) = rows.iter().find(|row| row.len() != fields.len()) {
            return Err(wrong(format!(
                "a row has {} values, and there are {} fields",
                row.len(),
                fields.len()
            )));
        }
        let listed = rows.into_iter().map(|values| Listed { line: 0, values });
        let form = Form::List(listed.collect());
        let origin = Origin { file: String::new(), text: "".into(), first: 0, lines: false };
        Ok(Rows { fields, count: form.len(), form, origin })
    }

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

    /// The place of a row that begins on that line.
    pub fn place(&self, line: u32) -> Place {
        if line == 0 {
            return Place::file(&self.origin.file);
        }
        let source = self.origin.text.split('\n').nth(line.saturating_sub(1) as usize);
        let source = source.filter(|line| line.len() <= 1000).unwrap_or_default();
        Place { file: self.origin.file.clone(), line, column: 1, source: source.trim_end().to_owned() }
    }

    /// The rows of a file of CSV.
    pub(super) fn read_file(file: &Source) -> Result<Rows, Error> {
        let origin = Origin { file: file.name.clone(), text: file.text.clone(), first: 1, lines: true };
        Rows::included(file, Rows::of_csv(origin, file.text.clone()))
    }

    /// The rows of a node that holds CSV.
    pub(super) fn read_text(node: &Node, csv: &str) -> Result<Rows, Error> {
        let file = &node.source;
        let (first, lines) = match &node.content {
            Content::Scalar(_, Style::Included) => (1, true),
            Content::Scalar(_, Style::Literal) => {
                let blank = csv.bytes().take_while(|byte| *byte == b'\n').count();
                (node.mark.line.saturating_sub(u32::try_from(blank).unwrap_or(u32::MAX)), true)
            }
            _ => (node.mark.line, false),
        };
        let origin = Origin { file: file.name.clone(), text: file.text.clone(), first, lines };
        Rows::included(file, Rows::of_csv(origin, csv.into()))
    }

    /// Adds a note of what included the file to each problem.
    fn included(file: &Source, rows: Result<Rows, Error>) -> Result<Rows, Error> {
        rows.map_err(|error| {
            let head = Error::new(error.kind(), error.message());
            let problems = error.split().into_iter().map(|problem| file.included(problem));
            Error::all(problems).unwrap_or(head)
        })
    }

    fn of_csv(origin: Origin, text: Arc<str>) -> Result<Rows, Error> {
        let mut rows = Rows { fields: Vec::new(), count: 0, form: Form::Csv(text.clone()), origin };
        let mut problems = Vec::new();
        let mut records = Records::new(&text);
        let mut cells = Vec::new();
        match records.next_into(&mut cells) {
            Ok(Some(line)) => {
                rows.fields = cells.iter().map(|cell| cell.to_string()).collect();
                problems.extend(rows.header(line));
            }
            Ok(None) => {
                let line = rows.line(1);
                problems.push(
                    rows.error(line, "the CSV is empty".into()).help("its first line names the fields"),
                );
            }
            Err(malformed) => {
                let line = rows.line(malformed.line);
                return Err(rows.error(line, malformed.message.into()).help(malformed.help));
            }
        }
        loop {
            match records.next_into(&mut cells) {
                Ok(Some(_)) if cells.len() == rows.fields.len() => rows.count += 1,
                Ok(Some(line)) => problems.push(rows.ragged(line, cells.len())),
                Ok(None) => break,
                Err(malformed) => {
                    let line = rows.line(malformed.line);
                    problems.push(rows.error(line, malformed.message.into()).help(malformed.help));
                    break;
                }
            }
            if problems.len() > MOST_PROBLEMS {
                break;
            }
        }
        Error::all(problems).map_or(Ok(rows), Err)
    }

    fn header(&self, line: u32) -> Vec<Error> {
        let line = self.line(line);
        let mut problems = Vec::new();
        for field in self.fields.iter().take(MOST_FIELDS).filter(|field| !label::is_label(field)) {
            let message = match field.is_empty() {
                true => "a field has no name".into(),
                false => format!("`{}` is no label of a column or link", field.escape_debug()),
            };
            problems.push(
                self.error(line, message).help("the first line of CSV names the fields, without blanks"),
            );
        }
        problems.truncate(MOST_PROBLEMS);
        if self.fields.len() > MOST_FIELDS {
            let message = format!("the first line names more than {MOST_FIELDS} fields");
            problems.push(self.error(line, message).help("no table of PostgreSQL has that many columns"));
        } else if let Some((_, field)) = twice(&self.fields).filter(|(_, field)| !field.is_empty()) {
            problems.push(
                self.error(line, format!("the field `{field}` stands twice")).help("name each field once"),
            );
        }
        problems
    }

    fn ragged(&self, line: u32, cells: usize) -> Error {
        let fields = self.fields.len();
        let line = self.line(line);
        let (cells, fields) = (several(cells, "cell"), several(fields, "field"));
        let message = format!("the row has {cells}, and the first line names {fields}");
        self.error(line, message)
            .help("an empty cell needs its comma, and a comma in a cell needs double quotes around it")
    }

    fn error(&self, line: u32, message: String) -> Error {
        Error::new(ErrorKind::Format, message).at(self.place(line))
    }

    /// The line in the file that a line of the CSV is.
    fn line(&self, line: u32) -> u32 {
        match self.origin.lines {
            true => self.origin.first.saturating_add(line - 1),
            false => self.origin.first,
        }
    }

    /// The rows of a node that is a list of mappings, or one mapping.
    pub(super) fn read_list(reader: &Reader<'_>, node: &Node) -> Option<Rows> {
        let mut fields: Vec<&Entry> = Vec::new();
        let mut rows = Vec::new();
        for row in node.one_or_list() {
            let read = row.map().map_err(|problem| problem.help("a row is a mapping: `- code: fos`"));
            let Some(entries) = reader.keep(read) else { continue };
            if entries.is_empty() {
                reader.problem(row.error("the row gives no fields").help("take the row out"));
            }
            for entry in entries {
                if !fields.iter().any(|field| field.key == entry.key) {
                    fields.push(entry);
                    if !label::is_label(&entry.key) {
                        let message =
                            format!("`{}` is no label of a column or link", entry.key.escape_debug());
                        reader.problem(entry.error(&row.source, message).help(label::FORM));
                    }
                }
            }
            rows.push((row, entries));
        }
        let listed = rows.into_iter().map(|(row, entries)| {
            let value = |field: &&Entry| {
                let entry = entries.iter().find(|entry| entry.key == field.key)?;
                reader.keep(entry.value.value())
            };
            // A row of another file is placed where that file is included.
            let line = if std::rc::Rc::ptr_eq(&row.source, &node.source) { row.mark } else { node.mark }.line;
            Listed { line, values: fields.iter().map(value).collect() }
        });
        let form = Form::List(listed.collect());
        let origin =
            Origin { file: node.source.name.clone(), text: node.source.text.clone(), first: 1, lines: true };
        let fields = fields.iter().map(|field| field.key.to_string()).collect();
        Some(Rows { fields, count: form.len(), form, origin })
    }

    /// What facts call them.
    pub(super) fn words(&self) -> Value {
        match &self.form {
            // A text without blanks would be a path.
            Form::Csv(text) if text.contains(char::is_whitespace) => Value::from(&**text),
            Form::Csv(text) => Value::from(format!("{text}\n")),
            Form::List(rows) => Value::List(
                rows.iter()
                    .map(|row| {
                        let cells = self.fields.iter().zip(&row.values);
                        Value::Map(
                            cells
                                .filter_map(|(field, value)| Some((field.clone(), value.clone()?)))
                                .collect(),
                        )
                    })
                    .collect(),
            ),
        }
    }
}

impl Form {
    fn len(&self) -> usize {
        match self {
            Form::Csv(_) => 0,
            Form::List(rows) => rows.len(),
        }
    }
}

/// `1 cell`, `2 cells`
fn several(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn twice(fields: &[String]) -> Option<(usize, &String)> {
    fields.iter().enumerate().find(|(at, field)| fields.iter().take(*at).any(|other| other == *field))
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
                let cell = |value: &'a Option<Value>| value.as_ref().map_or(Cell::Absent, Cell::Value);
                Some(Row { line: row.line, cells: row.values.iter().map(cell).collect() })
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
                Some(Row { line: self.rows.line(line), cells })
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
