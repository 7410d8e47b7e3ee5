use embed_migrate_core::{Error, ErrorKind, Result, quote};
use tokio_postgres::Client;

use crate::server::server_error::{exists, server_error};

/// Creates a database with options of `CREATE DATABASE`, and then runs further statements. The last statement must
/// allow connections: until then the database accepts none.
///
/// If a statement fails, the database is dropped. `CREATE DATABASE` can't run in a transaction: a crash in between
/// leaves a database that accepts no connections.
pub(super) async fn make(client: &Client, name: &str, options: &str, then: &[String]) -> Result<()> {
    let quoted = quote::identifier(name);
    let closed = if then.is_empty() { "" } else { " ALLOW_CONNECTIONS false" };
    let create = format!("CREATE DATABASE {quoted}{options}{closed}");
    let doing = format!("can't create database `{name}`");
    let created = client.batch_execute(&create).await.map_err(server_error(&doing));
    created.map_err(|error| explain_duplicate(name, error))?;
    if then.is_empty() {
        return Ok(());
    }
    // One message is one transaction.
    let Err(error) = client.batch_execute(&then.join(";\n")).await else { return Ok(()) };
    let error = server_error(doing)(error);
    match client.batch_execute(&format!("DROP DATABASE {quoted}")).await {
        Ok(()) => Err(error),
        Err(_) => Err(error.note(incomplete_note(name))),
    }
}

fn incomplete_note(name: &str) -> String {
    format!("`{name}` is incomplete and accepts no connections: drop it")
}

/// The statement that allows connections.
pub(super) fn opening(name: &str) -> String {
    format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", quote::identifier(name))
}

/// Explains a refusal because the name is taken: another process may have created a database of that name meanwhile.
pub(super) fn explain_duplicate(name: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Exists => exists("database", name),
        _ => error,
    }
}
