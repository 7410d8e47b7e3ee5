use super::given_rows::{GivenRows, same};
use super::statement::RowStatement;
use crate::rows::row_batch::RowBatch;
use crate::text::quote::identifier;

/// Selects the rows that are missing (`n`, true, NULL) or differ (`n`, false, and for each column `1` if it differs,
/// otherwise `0`).
pub fn compare<'a>(batch: &'a RowBatch<'a>, rows: &'a [u32]) -> RowStatement<'a> {
    let mut given = GivenRows::new(batch, rows);
    let identity = given.identity();
    let differs: Vec<String> = (0..batch.columns.len()).map(|at| differs(&mut given, batch, at)).collect();
    let any: Vec<&str> = differs.iter().map(String::as_str).filter(|differs| *differs != NEVER).collect();
    let any = any.iter().map(|differs| format!("\n    OR {differs}")).collect::<String>();
    let mask = differs.iter().map(|differs| match differs.as_str() {
        NEVER => "'0'".to_owned(),
        differs => format!("CASE WHEN {differs} THEN '1' ELSE '0' END"),
    });
    let mask = mask.collect::<Vec<_>>().join(" OPERATOR(pg_catalog.||) ");
    let table = batch.table.name.quoted();
    given.statement(
        &format!(
            "SELECT k.n, t.tableoid IS NULL, CASE WHEN t.tableoid IS NOT NULL THEN {mask} END
FROM"
        ),
        &format!(
            "LEFT JOIN {table} AS t ON {identity}
WHERE t.tableoid IS NULL{any}"
        ),
    )
}

/// Selects the rows that exist: `n`.
pub fn find<'a>(batch: &'a RowBatch<'a>, rows: &'a [u32]) -> RowStatement<'a> {
    let mut given = GivenRows::new(batch, rows);
    let identity = given.identity();
    let table = batch.table.name.quoted();
    given.statement("SELECT k.n FROM", &format!("JOIN {table} AS t ON {identity}"))
}

/// Selects the values of a few rows in all columns: `n`, and a text for each column.
pub fn stored<'a>(batch: &'a RowBatch<'a>, rows: &'a [u32]) -> RowStatement<'a> {
    let mut given = GivenRows::new(batch, rows);
    let identity = given.identity();
    let table = batch.table.name.quoted();
    let texts = batch
        .columns
        .iter()
        .map(|column| format!(", pg_catalog.left(t.{}::pg_catalog.text, 200)", identifier(&column.name)));
    let texts: String = texts.collect();
    given.statement(&format!("SELECT k.n{texts} FROM"), &format!("JOIN {table} AS t ON {identity}"))
}

const NEVER: &str = "false";

/// The condition that the table's value differs from the given one.
fn differs<'a>(given: &mut GivenRows<'a>, batch: &'a RowBatch<'a>, at: usize) -> String {
    let Some(column) = batch.columns.get(at).filter(|_| !batch.identity.contains(&at)) else {
        return NEVER.to_owned();
    };
    let (mix, stored) = (given.mix(column), format!("t.{}", identifier(&column.name)));
    if !mix.some && !mix.null {
        return NEVER.to_owned();
    }
    let text = given.text(at);
    let other = format!("({}) IS NOT TRUE", same(&stored, &text, &column.kind));
    match (mix.null, mix.absent) {
        (false, false) => other,
        (false, true) => format!("{text} IS NOT NULL AND {other}"),
        (true, false) => format!("CASE WHEN {text} IS NULL THEN {stored} IS NOT NULL ELSE {other} END"),
        (true, true) => {
            let is_given = given.given(at);
            format!("{is_given} AND CASE WHEN {text} IS NULL THEN {stored} IS NOT NULL ELSE {other} END")
        }
    }
}
