use crate::quote::identifier;
use crate::rows::batch::Batch;

use super::given_rows::GivenRows;
use super::{Statement, relation_name};

/// Inserts rows; what a row leaves out gets its column's default.
pub fn insert<'a>(batch: &'a Batch<'a>, rows: &'a [u32]) -> Statement<'a> {
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
    let (table, names, values) = (relation_name(&batch.table.name), names.join(", "), values.join(", "));
    // In the order of the rows, for triggers that count.
    given.statement(&format!("INSERT INTO {table} ({names})\nSELECT {values}\nFROM"), "ORDER BY k.n")
}

/// Gives existing rows what they are to have in these columns.
pub fn update<'a>(batch: &'a Batch<'a>, rows: &'a [u32], columns: &[usize]) -> Statement<'a> {
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

/// Takes away what existing rows have in these columns, to make room for what they are to have.
pub fn clear<'a>(batch: &'a Batch<'a>, rows: &'a [u32], columns: &[usize]) -> Statement<'a> {
    let names = columns.iter().filter_map(|at| batch.columns.get(*at)).map(|column| identifier(&column.name));
    let sets: Vec<String> = names.map(|name| format!("{name} = NULL")).collect();
    change(GivenRows::new(batch, rows), batch, &sets)
}

fn change<'a>(mut given: GivenRows<'a>, batch: &'a Batch<'a>, sets: &[String]) -> Statement<'a> {
    let identity = given.identity();
    let (table, sets) = (relation_name(&batch.table.name), sets.join(", "));
    given.statement(&format!("UPDATE {table} AS t\nSET {sets}\nFROM"), &format!("WHERE {identity}"))
}

/// Deletes rows.
pub fn delete<'a>(batch: &'a Batch<'a>, rows: &'a [u32]) -> Statement<'a> {
    let mut given = GivenRows::new(batch, rows);
    let identity = given.identity();
    let table = relation_name(&batch.table.name);
    given.statement(&format!("DELETE FROM {table} AS t\nUSING"), &format!("WHERE {identity}"))
}
