use std::borrow::Cow;

use super::problems::Problems;
use crate::catalog::{Catalog, Oid, Table};
use crate::error::{Error, ErrorKind, Place};
use crate::facts::{DataFact, DataRows};
use crate::rows::columns::{
    ColumnCells, DataColumn, Identities, Keys, Links, TableField, TableIdentity, Values, form, table_field,
};
use crate::rows::values::{ColumnType, GivenValue, Mismatch, ValueKind};

/// The rows of a data fact, checked, column by column, in texts that the server reads.
#[derive(Debug)]
pub struct RowBatch<'a> {
    /// The table.
    pub table: &'a Table,
    /// The columns that the rows give.
    pub(crate) columns: Vec<DataColumn>,
    /// The column of each member of the identity.
    pub(crate) identity: Vec<usize>,
    /// The numbers of the rows within the fact, from 0; each identity once.
    pub rows: Vec<u32>,
    identities: Identities,
    source: &'a DataRows,
    count: u32,
}

impl<'a> RowBatch<'a> {
    /// Reads the rows of a fact against the catalog.
    ///
    /// # Errors
    ///
    /// All problems of the rows, the first twenty in full: fields that the table does not have, values that don't fit,
    /// rows without an identity, and rows that contradict each other.
    pub fn read(
        catalog: &'a Catalog,
        table: Oid,
        data: &'a DataFact,
        fact: &Place,
    ) -> Result<RowBatch<'a>, Error> {
        let mut batch = RowBatch::empty(catalog, table, data).map_err(|error| {
            Error::all(error.split().into_iter().map(|error| error.at(fact.clone())))
                .unwrap_or_else(|| Error::new(ErrorKind::Format, "no rows"))
        })?;
        let mut problems = Problems::default();
        for (row, given) in data.rows.iter().enumerate() {
            let row = u32::try_from(row).unwrap_or(u32::MAX);
            batch.count = row.saturating_add(1);
            batch.push(row, given.cells.iter().map(GivenValue::from), &mut problems);
        }
        // If values are wrong, identities are not known.
        if problems.is_empty() {
            batch.join(&mut problems);
        }
        problems.end()?;
        for column in &mut batch.columns {
            if let Some(links) = column.links_mut() {
                links.finish();
            }
        }
        Ok(batch)
    }

    fn empty(catalog: &'a Catalog, oid: Oid, data: &'a DataFact) -> Result<RowBatch<'a>, Error> {
        let missing = || Error::new(ErrorKind::Format, format!("there is no table `{}`", data.of.label));
        let table = catalog.tables.get(&oid).ok_or_else(missing)?;
        let target = TableIdentity::of(catalog, oid)?;
        let mut problems = Problems::default();
        let mut columns = Vec::new();
        for label in data.rows.fields() {
            match column(catalog, table, oid, label) {
                Ok(column) => columns.push(column),
                Err(error) => problems.add(|| error),
            }
        }
        let nothing = &mut Problems::default();
        let identity =
            identity(&target, &columns, if data.rows.is_empty() { nothing } else { &mut problems });
        if !data.present {
            for column in
                columns.iter().enumerate().filter(|(at, _)| !identity.contains(at)).map(|(_, column)| column)
            {
                problems.add(|| {
                    Error::new(
                        ErrorKind::Format,
                        format!(
                            "`{}` does not belong to the identity of `{}`",
                            column.label, table.name.name
                        ),
                    )
                    .help("with `present: false`, rows give only their identity")
                });
            }
        }
        problems.end()?;
        let count = data.rows.len();
        Ok(RowBatch {
            table,
            columns,
            identity,
            rows: Vec::with_capacity(count),
            identities: Identities::with_capacity(count),
            source: &data.rows,
            count: 0,
        })
    }

    fn push<'v>(&mut self, row: u32, values: impl Iterator<Item = GivenValue<'v>>, problems: &mut Problems) {
        for (at, (column, given)) in self.columns.iter_mut().zip(values).enumerate() {
            if let Err(misfit) = column.push(given, row) {
                // A placeholder keeps the rows of all columns aligned.
                let _ = column.push(GivenValue::Absent, row);
                problems.add(|| wrong(column, given, misfit).at(self.source.place(row as usize, Some(at))));
            }
        }
    }

    /// Merges the rows that have the same identity.
    fn join(&mut self, problems: &mut Problems) {
        for row in 0..self.count {
            if let Some(missing) =
                self.identity.iter().filter_map(|at| self.columns.get(*at)).find(|column| !has(column, row))
            {
                problems.add(|| unidentified(missing, self.table).at(self.place(row)));
                continue;
            }
            match self.find(row) {
                Ok(first) => self.merge(first, row, problems),
                Err(slot) => {
                    self.identities.insert(slot, row);
                    self.rows.push(row);
                }
            }
        }
    }

    fn find(&self, row: u32) -> Result<u32, u64> {
        let texts = self.identity_texts(row);
        self.identities.find(texts, |other| self.identity_columns().all(|column| column.same(row, other)))
    }

    /// The row of the batch that a key names.
    pub(crate) fn named(&self, keys: &Keys, number: u32) -> Option<u32> {
        let kinds = keys.target.leaves();
        let texts = || kinds.iter().zip(keys.texts(number)).map(|(kind, text)| form(&kind.kind, text));
        self.identities.find(texts(), |row| self.identity_texts(row).eq(texts())).ok()
    }

    /// The plain values of a row's identity.
    fn identity_texts(&self, row: u32) -> impl Iterator<Item = Cow<'_, str>> {
        self.identity_columns().flat_map(move |column| {
            let keys: Option<(&Keys, u32)> = column.key(row);
            let kind: &ValueKind = &column.kind.kind;
            let own = keys.is_none().then(|| form(kind, column.cell(row).text().unwrap_or_default()));
            let leaves = keys.into_iter().flat_map(|(keys, number)| {
                let kinds = keys.target.leaves().into_iter();
                kinds.zip(keys.texts(number)).map(|(kind, text)| form(&kind.kind, text)).collect::<Vec<_>>()
            });
            own.into_iter().chain(leaves)
        })
    }

    pub(crate) fn identity_columns(&self) -> impl Iterator<Item = &DataColumn> {
        self.identity.iter().filter_map(|at| self.columns.get(*at))
    }

    fn merge(&mut self, first: u32, row: u32, problems: &mut Problems) {
        for at in 0..self.columns.len() {
            let Some(column) = self.columns.get_mut(at) else { continue };
            if !column.gives(row) {
                continue;
            }
            if !column.gives(first) {
                column.copy(row, first);
            } else if !column.same(first, row) {
                problems.add(|| self.contradiction(at, first, row));
            }
        }
    }

    fn contradiction(&self, at: usize, first: u32, row: u32) -> Error {
        let shown = |row| self.columns.get(at).map(|column| column.shown(row)).unwrap_or_default();
        let label = self.columns.get(at).map(|column| column.label.as_str()).unwrap_or_default();
        let what = format!(
            "two rows with the identity `{}` give `{label}` two values: `{}` and `{}`",
            self.shown(row),
            shown(first),
            shown(row)
        );
        Error::new(ErrorKind::Duplicate, what)
            .at(self.place_of(row, at))
            .note(format!("the first is at {}", self.shown_line(first)))
            .help("keep one of them")
    }

    /// The identity of a row, for messages.
    pub fn shown(&self, row: u32) -> String {
        self.identity_columns().map(|column| column.shown(row)).collect::<Vec<_>>().join(".")
    }

    /// How many columns the rows give.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    fn shown_line(&self, row: u32) -> String {
        let place = self.place(row);
        format!("{}:{}", place.file, place.line)
    }

    /// The place of a row.
    pub fn place(&self, row: u32) -> Place {
        self.source.place(row as usize, None)
    }

    /// The place of a row's value for a column.
    pub(crate) fn place_of(&self, row: u32, column: usize) -> Place {
        self.source.place(row as usize, Some(column))
    }
}

fn column(catalog: &Catalog, table: &Table, oid: Oid, label: &str) -> Result<DataColumn, Error> {
    let (field, found) = TableField::of_data(table, label)?;
    let values = match field {
        TableField::Column(_) => Values::Cells(ColumnCells::default()),
        TableField::Link { target, key, .. } => {
            let key = catalog.tables.get(&target).and_then(|table| table.columns.get(&key));
            let key = key.map(|key| key.name.clone()).unwrap_or_default();
            let keys = Keys::new(TableIdentity::of(catalog, target)?, key, target == oid);
            Values::Links(Box::new(Links::new(keys)))
        }
    };
    Ok(DataColumn {
        label: label.to_owned(),
        field,
        name: found.name.clone(),
        kind: ColumnType::of(catalog, found),
        values,
        default: table_field::default(catalog, table, found),
    })
}

/// The columns of the identity; all of them must be given.
fn identity(target: &TableIdentity, columns: &[DataColumn], problems: &mut Problems) -> Vec<usize> {
    let mut identity = Vec::new();
    for member in &target.members {
        match columns.iter().position(|column| column.field.column() == member.number) {
            Some(at) => identity.push(at),
            None => problems.add(|| {
                let table = &target.name.name;
                let what = format!(
                    "the rows do not give `{}`, which belongs to the identity of `{table}`",
                    member.column
                );
                Error::new(ErrorKind::Format, what).help(UNFINDABLE)
            }),
        }
    }
    identity
}

const UNFINDABLE: &str = "give it, even if the server could generate one: each deployment would insert a row that it can't find again";

fn has(column: &DataColumn, row: u32) -> bool {
    column.key(row).is_some() || column.cell(row).text().is_some()
}

fn unidentified(column: &DataColumn, table: &Table) -> Error {
    let what =
        format!("a row gives no `{}`, which belongs to the identity of `{}`", column.label, table.name.name);
    Error::new(ErrorKind::Format, what).help(UNFINDABLE)
}

fn wrong(column: &DataColumn, given: GivenValue<'_>, misfit: Mismatch) -> Error {
    let error = Error::new(
        ErrorKind::Format,
        format!("`{}` takes {}, not {}", column.label, misfit.takes, given.shown()),
    );
    let error = misfit.note.into_iter().fold(error, Error::note);
    misfit.help.into_iter().fold(error, Error::help)
}
