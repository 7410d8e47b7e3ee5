use super::given_rows::GivenRows;
use super::statement::RowStatement;
use crate::rows::row_batch::RowBatch;
use crate::text::quote::identifier;

/// Inserts rows; what a row leaves out gets its column's default.
pub fn insert<'a>(batch: &'a RowBatch<'a>, rows: &'a [u32]) -> RowStatement<'a> {
    let mut given = GivenRows::new(batch, rows);
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for (at, column) in batch.columns.iter().enumerate() {
        let mix = given.mix(column);
        if !mix.some && !mix.null {
            continue;
        }
        let value = given.value(at);
        names.push(identifier(&column.name));
        values.push(match &column.default {
            Some(default) if mix.absent => {
                let is_given = given.given(at);
                format!("CASE WHEN {is_given} THEN {value} ELSE {default} END")
            }
            _ => value,
        });
    }
    let (table, names, values) = (batch.table.name.quoted(), names.join(", "), values.join(", "));
    // In the order of the rows, for triggers that number them.
    given.statement(&format!("INSERT INTO {table} ({names})\nSELECT {values}\nFROM"), "ORDER BY k.n")
}

/// Updates these columns of existing rows.
pub fn update<'a>(batch: &'a RowBatch<'a>, rows: &'a [u32], columns: &[usize]) -> RowStatement<'a> {
    let mut given = GivenRows::new(batch, rows);
    let mut sets = Vec::new();
    for at in columns {
        let Some(column) = batch.columns.get(*at) else { continue };
        let (mix, value, name) = (given.mix(column), given.value(*at), identifier(&column.name));
        sets.push(match mix.absent {
            true => {
                let is_given = given.given(*at);
                format!("{name} = CASE WHEN {is_given} THEN {value} ELSE t.{name} END")
            }
            false => format!("{name} = {value}"),
        });
    }
    change(given, batch, &sets)
}

/// Sets these columns of existing rows to NULL, so that unique values can be swapped.
pub fn clear<'a>(batch: &'a RowBatch<'a>, rows: &'a [u32], columns: &[usize]) -> RowStatement<'a> {
    let names = columns.iter().filter_map(|at| batch.columns.get(*at)).map(|column| identifier(&column.name));
    let sets: Vec<String> = names.map(|name| format!("{name} = NULL")).collect();
    change(GivenRows::new(batch, rows), batch, &sets)
}

fn change<'a>(mut given: GivenRows<'a>, batch: &'a RowBatch<'a>, sets: &[String]) -> RowStatement<'a> {
    let identity = given.identity();
    let (table, sets) = (batch.table.name.quoted(), sets.join(", "));
    given.statement(&format!("UPDATE {table} AS t\nSET {sets}\nFROM"), &format!("WHERE {identity}"))
}

/// Deletes rows.
pub fn delete<'a>(batch: &'a RowBatch<'a>, rows: &'a [u32]) -> RowStatement<'a> {
    let mut given = GivenRows::new(batch, rows);
    let identity = given.identity();
    let table = batch.table.name.quoted();
    given.statement(&format!("DELETE FROM {table} AS t\nUSING"), &format!("WHERE {identity}"))
}
