use std::collections::HashMap;
use std::rc::Rc;

use super::data_rows::{DataRows, ListedRow, ListedValue, RowsFormat, RowsOrigin};
use super::from_csv::{MOST_FIELDS, twice};
use crate::error::{Error, ErrorKind};
use crate::facts::document::{DocumentNode, FactReader, MapEntry, Position};
use crate::facts::language::label;
use crate::facts::values::Value;

impl DataRows {
    /// Rows of values: each row has one value for each field, `None` if it gives nothing.
    ///
    /// # Errors
    ///
    /// A field is named twice, or a row has too many or too few values.
    pub fn list(fields: Vec<String>, rows: Vec<Vec<Option<Value>>>) -> Result<DataRows, Error> {
        let wrong = |message: String| Error::new(ErrorKind::Format, message);
        if let Some(field) = twice(&fields) {
            return Err(wrong(format!("the field `{field}` is named twice")));
        }
        if let Some(row) = rows.iter().find(|row| row.len() != fields.len()) {
            let (values, fields) = (row.len(), fields.len());
            return Err(wrong(format!("a row has {values} values, and there are {fields} fields")));
        }
        let given = |row: Vec<Option<Value>>| {
            let values = row.into_iter().enumerate();
            values
                .filter_map(|(field, value)| Some(ListedValue { field, value: value?, position: NOWHERE }))
                .collect()
        };
        let listed: Vec<ListedRow> =
            rows.into_iter().map(|row| ListedRow { position: NOWHERE, values: given(row) }).collect();
        let origin = RowsOrigin { file: String::new(), text: "".into(), first: NOWHERE, lines: false };
        Ok(DataRows { fields, count: listed.len(), form: RowsFormat::List(listed.into()), origin })
    }

    /// The rows of a node that is a list of mappings, or one mapping.
    pub(crate) fn read_list(reader: &FactReader<'_>, node: &DocumentNode) -> Option<DataRows> {
        let mut fields = Fields::default();
        let mut rows = Vec::new();
        for row in node.one_or_list() {
            let read = row.map().map_err(|problem| problem.help("a row is a mapping: `- code: fos`"));
            let Some(entries) = reader.keep(read) else { continue };
            if entries.is_empty() {
                reader.problem(row.error("the row gives no fields").help("take the row out"));
            }
            // Values of another file get the place where that file is included.
            let own =
                |other: &DocumentNode, otherwise: Position| match Rc::ptr_eq(&other.source, &node.source) {
                    true => other.position,
                    false => otherwise,
                };
            let position = own(row, node.position);
            let values = entries.iter().filter_map(|entry| {
                let field = fields.number(reader, row, entry);
                let value = reader.keep(entry.value.value())?;
                Some(ListedValue { field, value, position: own(&entry.value, position) })
            });
            let values = values.collect();
            if fields.names.len() > MOST_FIELDS {
                let problem = row.error(format!("the rows give more than {MOST_FIELDS} fields"));
                reader.problem(problem.help("no table of PostgreSQL has that many columns"));
                return None;
            }
            rows.push(ListedRow { position, values });
        }
        let (file, text) = (node.source.name.clone(), node.source.text.clone());
        let origin = RowsOrigin { file, text, first: NOWHERE, lines: true };
        Some(DataRows {
            fields: fields.names,
            count: rows.len(),
            form: RowsFormat::List(rows.into()),
            origin,
        })
    }
}

/// The position of rows that are not in a text.
const NOWHERE: Position = Position { line: 0, column: 0 };

/// The fields of rows, numbered as they appear.
#[derive(Default)]
struct Fields {
    names: Vec<String>,
    numbers: HashMap<Rc<str>, usize>,
}

impl Fields {
    fn number(&mut self, reader: &FactReader<'_>, row: &DocumentNode, entry: &MapEntry) -> usize {
        let next = self.names.len();
        *self.numbers.entry(entry.key.clone()).or_insert_with(|| {
            if !label::is_label(&entry.key) {
                let message = format!("`{}` is not a label of a column or link", entry.key.escape_debug());
                reader.problem(entry.error(&row.source, message).help(label::FORM));
            }
            self.names.push(entry.key.to_string());
            next
        })
    }
}
