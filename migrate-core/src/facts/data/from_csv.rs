use std::sync::Arc;

use super::csv::{CsvError, CsvOddity, CsvRecords};
use super::data_rows::{DataRows, RowsFormat, RowsOrigin};
use crate::error::{Error, ErrorKind};
use crate::facts::document::{Content, DocumentNode, Position, SourceFile, Style};
use crate::facts::language::label;

/// The most columns that a table can have (PostgreSQL's manual, appendix K).
pub(crate) const MOST_FIELDS: usize = 1600;

const TOP: Position = Position::START;

/// How many problems of one text are reported: a file that is not CSV has one in every line.
const MOST_PROBLEMS: usize = 20;

impl DataRows {
    /// The rows of a CSV text: its first line names the fields, and an empty cell says nothing.
    ///
    /// # Errors
    ///
    /// Every problem of the text, each with its line in `file`.
    pub fn csv(file: &str, text: impl Into<Arc<str>>) -> Result<DataRows, Error> {
        let text = text.into();
        DataRows::of_csv(
            RowsOrigin { file: file.to_owned(), text: text.clone(), first: TOP, lines: true },
            text,
        )
    }

    /// The places where the CSV deviates from RFC 4180 and was read as other readers read it: at most one a row.
    pub fn warnings(&self) -> Vec<Error> {
        let RowsFormat::Csv(text) = &self.form else { return Vec::new() };
        CsvRecords::oddities(text)
            .take(MOST_PROBLEMS)
            .map(|(oddity, at)| self.odd(text, oddity, at))
            .collect()
    }

    fn odd(&self, text: &str, oddity: CsvOddity, at: usize) -> Error {
        let before = text.get(..at).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count().saturating_add(1);
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
        let [line, column] = [line, column].map(|count| u32::try_from(count).unwrap_or(u32::MAX));
        let (message, help) = match oddity {
            CsvOddity::Behind => (
                "text after a quoted cell was read as part of the cell",
                "a double quote inside a quoted cell is written twice: `\"a \"\"word\"\"\"`",
            ),
            CsvOddity::Return => (
                "a carriage return ends a row",
                "end rows with a line feed, and put a cell that holds a carriage return into double quotes",
            ),
        };
        Error::new(ErrorKind::Format, message).at(self.place_in_csv(line, column)).help(help)
    }

    /// The rows of a file of CSV.
    pub(crate) fn read_file(file: &SourceFile) -> Result<DataRows, Error> {
        let origin = RowsOrigin { file: file.name.clone(), text: file.text.clone(), first: TOP, lines: true };
        DataRows::included(file, DataRows::of_csv(origin, file.text.clone()))
    }

    /// The rows of a node that holds CSV.
    pub(crate) fn read_text(node: &DocumentNode, csv: &str) -> Result<DataRows, Error> {
        let file = &node.source;
        let (first, lines) = match &node.content {
            Content::Scalar(_, Style::Included) => (TOP, true),
            Content::Scalar(_, Style::Literal) => {
                let blank = csv.bytes().take_while(|byte| *byte == b'\n').count();
                let blank = u32::try_from(blank).unwrap_or(u32::MAX);
                (Position { line: node.position.line.saturating_sub(blank), column: 1 }, true)
            }
            _ => (node.position, false),
        };
        let origin = RowsOrigin { file: file.name.clone(), text: file.text.clone(), first, lines };
        DataRows::included(file, DataRows::of_csv(origin, csv.into()))
    }

    /// Adds a note to each problem that says which file included this one.
    fn included(file: &SourceFile, rows: Result<DataRows, Error>) -> Result<DataRows, Error> {
        rows.map_err(|error| {
            let head = Error::new(error.kind(), error.message());
            let problems = error.split().into_iter().map(|problem| file.included(problem));
            Error::all(problems).unwrap_or(head)
        })
    }

    fn of_csv(origin: RowsOrigin, text: Arc<str>) -> Result<DataRows, Error> {
        let mut rows = DataRows { fields: Vec::new(), count: 0, form: RowsFormat::Csv(text.clone()), origin };
        let mut problems = Vec::new();
        let mut records = CsvRecords::new(&text);
        let mut cells = Vec::new();
        match records.next_into(&mut cells) {
            Ok(Some(line)) => {
                rows.fields = cells.iter().map(|cell| cell.to_string()).collect();
                problems.extend(rows.header(line));
            }
            Ok(None) => {
                problems
                    .push(rows.error(1, "the CSV is empty".into()).help("its first line names the fields"));
            }
            Err(malformed) => return Err(rows.malformed(malformed)),
        }
        loop {
            match records.next_into(&mut cells) {
                Ok(Some(_)) if cells.len() == rows.fields.len() => rows.count += 1,
                Ok(Some(line)) => problems.push(rows.ragged(line, cells.len())),
                Ok(None) => break,
                Err(malformed) => {
                    problems.push(rows.malformed(malformed));
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
        let mut problems = Vec::new();
        for field in self.fields.iter().take(MOST_FIELDS).filter(|field| !label::is_label(field)) {
            let message = match field.is_empty() {
                true => "a field has no name".into(),
                false => format!("`{}` is not a label of a column or link", field.escape_debug()),
            };
            problems.push(
                self.error(line, message).help("the first line of CSV names the fields, without blanks"),
            );
        }
        problems.truncate(MOST_PROBLEMS);
        if self.fields.len() > MOST_FIELDS {
            let message = format!("the first line names more than {MOST_FIELDS} fields");
            problems.push(self.error(line, message).help("no table of PostgreSQL has that many columns"));
        } else if let Some(field) = twice(&self.fields).filter(|field| !field.is_empty()) {
            problems.push(
                self.error(line, format!("the field `{field}` is named twice")).help("name each field once"),
            );
        }
        problems
    }

    fn malformed(&self, malformed: CsvError) -> Error {
        self.error(malformed.line, malformed.message.into()).help(malformed.help)
    }

    fn ragged(&self, line: u32, cells: usize) -> Error {
        let fields = self.fields.len();
        let (cells, fields) = (several(cells, "cell"), several(fields, "field"));
        let message = format!("the row has {cells}, and the first line names {fields}");
        self.error(line, message)
            .help("an empty cell needs its comma, and a comma in a cell needs double quotes around it")
    }

    fn error(&self, line: u32, message: String) -> Error {
        Error::new(ErrorKind::Format, message).at(self.place_in_csv(line, 1))
    }
}

/// `1 cell`, `2 cells`
fn several(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A field that is named twice.
pub(crate) fn twice(fields: &[String]) -> Option<&String> {
    fields
        .iter()
        .enumerate()
        .find(|(at, field)| fields.iter().take(*at).any(|other| other == *field))
        .map(|(_, field)| field)
}
