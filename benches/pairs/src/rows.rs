use std::collections::BTreeMap;

use embed_migrate_core::catalog::{Catalog, Relation};
use harness::{Result, Server, context};

/// Puts two rows into each table that takes them: one with a value in every column, one with only those that have to be.
///
/// # Errors
///
/// What the server says; a row that a table refuses is left out.
pub(crate) fn fill(server: &Server, database: &str) -> Result<()> {
    let mut client = server.connect(database)?;
    client.batch_execute("SET statement_timeout = '20s'; SET client_min_messages = 'warning'")?;
    client
        .batch_execute(include_str!("rows.sql"))
        .map_err(|error| format!("rows: {}", crate::worker::text(&error)).into())
}

/// Empties all tables, also of rows that migrations made.
///
/// # Errors
///
/// What the server says.
pub(crate) fn empty(server: &Server, database: &str, catalog: &Catalog) -> Result<()> {
    let tables: Vec<String> = tables(catalog).collect();
    if tables.is_empty() {
        return Ok(());
    }
    let sql = format!("TRUNCATE {} CASCADE", tables.join(", "));
    server.connect(database)?.batch_execute(&sql).map_err(context("rows"))
}

/// How many rows each table has.
///
/// # Errors
///
/// What the server says.
pub(crate) fn count(server: &Server, database: &str, catalog: &Catalog) -> Result<BTreeMap<String, i64>> {
    let selects = tables(catalog)
        .map(|table| format!("SELECT '{}', count(*) FROM ONLY {table}", table.replace('\'', "''")));
    let selects: Vec<String> = selects.collect();
    if selects.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = server.connect(database)?.query(&selects.join(" UNION ALL "), &[]).map_err(context("rows"))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

fn tables(catalog: &Catalog) -> impl Iterator<Item = String> {
    let tables = catalog.tables.values().filter(|table| matches!(table.relation, Relation::Table { .. }));
    tables.map(|table| table.name.quoted())
}
