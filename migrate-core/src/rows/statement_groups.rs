use std::collections::BTreeMap;

use super::problems::Problems;
use super::row_batch::RowBatch;
use crate::catalog::Relation;
use crate::error::{Error, ErrorKind};
use crate::facts::mangle;
use crate::rows::columns::{ColumnCell, table_field};
use crate::rows::values::ValueKind;

/// The maximum size of the rows of one statement, in bytes of text.
const WEIGHT: usize = 32 << 20;

/// The maximum number of rows of one statement: each row may cost the server a scan of the table.
const ROWS: usize = 200_000;

/// New rows that use the defaults of the same columns: the columns that they give, and the rows.
pub type CopyGroup = (Vec<usize>, Vec<u32>);

impl RowBatch<'_> {
    /// The rows, divided into parts that fit into one statement.
    pub fn chunks<'r>(&self, rows: &'r [u32]) -> Vec<&'r [u32]> {
        let (mut chunks, mut rest, mut weight, mut length) = (Vec::new(), rows, 0, 0);
        for row in rows {
            weight += self.weight(*row);
            length += 1;
            if weight >= WEIGHT || length >= ROWS {
                let (chunk, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
                chunks.push(chunk);
                (rest, weight, length) = (after, 0, 0);
            }
        }
        if !rest.is_empty() {
            chunks.push(rest);
        }
        chunks
    }

    fn weight(&self, row: u32) -> usize {
        self.columns.iter().map(|column| column.cell(row).text().map_or(0, str::len)).sum()
    }

    /// New rows in groups for COPY, which uses a default only if a column is left out for all rows.
    pub fn groups(&self, rows: &[u32]) -> Vec<CopyGroup> {
        let optional: Vec<_> =
            self.columns.iter().enumerate().filter(|(_, column)| column.default.is_some()).collect();
        if optional.is_empty() {
            return vec![(self.given(rows), rows.to_vec())];
        }
        let mut groups: BTreeMap<Vec<bool>, Vec<u32>> = BTreeMap::new();
        for row in rows {
            let mask = optional.iter().map(|(_, column)| column.cell(*row) != ColumnCell::Absent).collect();
            groups.entry(mask).or_default().push(*row);
        }
        groups.into_values().map(|rows| (self.given(&rows), rows)).collect()
    }

    /// The columns that any of these rows gives.
    fn given(&self, rows: &[u32]) -> Vec<usize> {
        let gives = |at: &usize| {
            self.columns
                .get(*at)
                .is_some_and(|column| rows.iter().any(|row| column.cell(*row) != ColumnCell::Absent))
        };
        (0..self.columns.len()).filter(gives).collect()
    }

    /// The new rows that the table will refuse, as far as this is known: those with NULL in a required column.
    pub fn incomplete(&self, catalog: &crate::catalog::Catalog, rows: &[u32]) -> Problems {
        let mut problems = Problems::default();
        // A trigger may set missing values.
        if !self.is_plain() {
            return problems;
        }
        for (number, required) in self.table.columns.iter().filter(|(_, column)| column.required) {
            let given = self.columns.iter().find(|column| column.field.column() == *number);
            let filled = table_field::default(catalog, self.table, required).is_some()
                || required.generation.is_some();
            let missing = rows.iter().filter(|row| match given.map(|given| given.cell(**row)) {
                None | Some(ColumnCell::Absent) => !filled,
                Some(ColumnCell::Null) => true,
                Some(ColumnCell::Text(_)) => false,
            });
            let missing = missing.filter(|row| given.is_none_or(|given| !given.waits(**row)));
            for row in missing {
                problems.add(|| {
                    let label = given.map_or(&required.name, |given| &given.label);
                    let what = format!(
                        "a new row of `{}` gives no `{label}`, which is required",
                        self.table.name.name
                    );
                    Error::new(ErrorKind::Format, what).at(self.place(*row))
                });
            }
        }
        problems
    }

    /// Whether no rule or trigger of a user can change the written rows. Generators of the identity don't count,
    /// because our rows always give the identity.
    fn is_plain(&self) -> bool {
        let (table, triggers) = (self.table, &self.table.triggers);
        let generators = mangle(&[&table.name.name], Some("pk"));
        let is_table = matches!(table.relation, Relation::Table { partitioned_by: None, .. });
        is_table
            && table.rules.is_empty()
            && triggers.iter().all(|(name, trigger)| trigger.enabled == 'D' || *name == generators)
    }

    /// Whether rows that the server accepted are known to be correct without reading them back.
    ///
    /// A value that passed our checks is stored unchanged if its type rounds and normalizes nothing. Only a rule or a
    /// trigger could change it.
    pub fn is_exact(&self) -> bool {
        self.is_plain() && self.columns.iter().all(|column| column.kind.exact)
    }

    /// Whether COPY accepts rows for the table: with row security it doesn't.
    pub fn takes_copy(&self) -> bool {
        !self.table.row_security.0 && matches!(self.table.relation, Relation::Table { .. })
    }

    /// The columns, of these, in a unique index: changing them may need an intermediate step.
    pub fn unique(&self, columns: &[usize]) -> Vec<usize> {
        let holds = |number: i16| {
            let indexes = self.table.indexes.values().filter(|index| index.unique);
            // 0 is an expression, which may use any column.
            indexes.flat_map(|index| &index.keys).any(|key| *key == number || *key == 0)
        };
        let is_unique = |at: &usize| self.columns.get(*at).is_some_and(|column| holds(column.field.column()));
        columns.iter().copied().filter(is_unique).collect()
    }

    /// The statements that drop and set NOT NULL of a column, if it is required.
    pub fn required(&self, column: usize) -> Option<(String, String)> {
        let column = self.columns.get(column)?;
        let required = self.table.columns.get(&column.field.column())?.required;
        let alter = format!(
            "ALTER TABLE {} ALTER COLUMN {}",
            self.table.name.quoted(),
            crate::text::quote::identifier(&column.name)
        );
        required.then(|| (format!("{alter} DROP NOT NULL"), format!("{alter} SET NOT NULL")))
    }

    /// The row whose value is quoted in an error message.
    pub fn quoted(&self, message: &str, rows: &[u32]) -> Option<u32> {
        let others = self
            .columns
            .iter()
            .filter(|column| matches!(column.kind.kind, ValueKind::Other | ValueKind::Array(_)));
        let others: Vec<_> = others.collect();
        let quotes = |row: &u32| {
            let texts = others.iter().filter_map(|column| column.cell(*row).text());
            texts.into_iter().any(|text| message.contains(&format!("\"{text}\"")))
        };
        rows.iter().copied().find(quotes)
    }
}
