use migrate_core::{Error, ErrorKind, Result, quote};
use tokio_postgres::Client;

use crate::server::server_error::{exists, server_error};

/// Makes a database with options of `CREATE DATABASE`, and with statements that give it what those can't say, the
/// last of which has to let others connect: where there are any, nobody can until then.
///
/// What can't be done is taken back. `CREATE DATABASE` is no part of a transaction, so that a crash in between leaves
/// a database that lets nobody in.
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
    // One message, and so one transaction.
    let Err(error) = client.batch_execute(&then.join(";\n")).await else { return Ok(()) };
    let error = server_error(doing)(error);
    match client.batch_execute(&format!("DROP DATABASE {quoted}")).await {
        Ok(()) => Err(error),
        Err(_) => Err(error.note(half_made(name))),
    }
}

fn half_made(name: &str) -> String {
    format!("what there is of `{name}` lets nobody in, and is to be dropped")
}

/// Lets others connect.
pub(super) fn opening(name: &str) -> String {
    format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", quote::identifier(name))
}

/// Whether the server refused because there is a database of that name, which another may have made meanwhile.
pub(super) fn explain_duplicate(name: &str, error: Error) -> Error {
    match error.kind() {
        ErrorKind::Exists => exists("database", name),
        _ => error,
    }
}
