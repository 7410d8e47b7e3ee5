use harness::{Result, Server, context};

/// Puts two rows into each table that takes them: one with a value in every column, one with only those that have to be.
///
/// # Errors
///
/// What the server says; a row that a table refuses is left out.
pub(crate) fn fill(server: &Server, database: &str) -> Result<()> {
    let mut client = server.connect(database)?;
    client.batch_execute("SET statement_timeout = '20s'; SET client_min_messages = 'warning'")?;
    client.batch_execute(include_str!("rows.sql")).map_err(context("rows"))
}
