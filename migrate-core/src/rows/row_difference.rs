use super::row_batch::RowBatch;
use crate::error::{Error, ErrorKind};
use crate::rows::sql::{RowStatement, delete, insert, update};
use crate::rows::values::shown;

/// A row of the data that is missing in the table or differs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowDifference {
    /// Its number among the rows of the fact, from 0.
    pub row: u32,
    /// For each column of the batch, `1` if it differs and `0` if not; `None` if the row is missing.
    pub mask: Option<String>,
}

impl RowDifference {
    /// The columns that differ, by their numbers in the batch, from 0.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        let mask = self.mask.as_deref().unwrap_or_default();
        mask.bytes().enumerate().filter(|(_, differs)| *differs == b'1').map(|(at, _)| at)
    }

    /// The difference as an error; `stored` has the table's value for each column.
    pub fn error(&self, batch: &RowBatch<'_>, stored: Option<&[Option<String>]>) -> Error {
        let (table, identity) = (&batch.table.name.name, batch.shown(self.row));
        let place = batch.place(self.row);
        if self.mask.is_none() {
            let what = format!("the row `{identity}` of `{table}` is missing");
            return with_fix(Error::new(ErrorKind::Pending, what).at(place), batch, self.row, insert);
        }
        let place = self.columns().next().map_or(place, |at| batch.place_of(self.row, at));
        let error =
            Error::new(ErrorKind::Pending, format!("the row `{identity}` of `{table}` differs")).at(place);
        let columns = self.columns().filter_map(|at| batch.columns.get(at).map(|column| (at, column)));
        let error = columns.fold(error, |error, (at, column)| {
            let wanted = match (column.key(self.row), column.cell(self.row).text()) {
                (Some(_), _) => shown(&column.shown(self.row)),
                (None, Some(text)) => shown(text),
                (None, None) => "NULL".to_owned(),
            };
            let link = column.key(self.row).is_some();
            match stored.and_then(|stored| stored.get(at)) {
                Some(_) if link => error.note(format!("`{}` does not link to {wanted}", column.label)),
                Some(Some(text)) => {
                    error.note(format!("`{}` is {}, not {wanted}", column.label, shown(text)))
                }
                Some(None) => error.note(format!("`{}` is NULL, not {wanted}", column.label)),
                None => error.note(format!("`{}` is not {wanted}", column.label)),
            }
        });
        let columns: Vec<usize> = self.columns().collect();
        with_fix(error, batch, self.row, |batch, rows| update(batch, rows, &columns))
    }

    /// The error for a row that should not exist.
    pub fn unwanted(batch: &RowBatch<'_>, row: u32) -> Error {
        let what = format!("the row `{}` of `{}` is still there", batch.shown(row), batch.table.name.name);
        with_fix(Error::new(ErrorKind::Pending, what).at(batch.place(row)), batch, row, delete)
    }
}

/// Adds the SQL that would fix a row, unless it links to a row that is not inserted yet.
fn with_fix<'a>(
    error: Error,
    batch: &'a RowBatch<'a>,
    row: u32,
    statement: impl for<'b> Fn(&'b RowBatch<'b>, &'b [u32]) -> RowStatement<'b>,
) -> Error {
    if batch.columns.iter().any(|column| column.waits(row)) {
        return error;
    }
    match statement(batch, &[row]).text() {
        Some(sql) => error.note(format!("this would fix it:\n{sql}")),
        None => error,
    }
}
