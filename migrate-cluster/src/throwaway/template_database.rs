use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::{Client, Config, SimpleQueryMessage};

use super::cache::digest_word;
use super::database_content::DatabaseContent;
use crate::system::poll::PollTimer;

/// How long terminated sessions may take to end.
const ENDS: Duration = Duration::from_secs(10);

/// A database that is filled once, and copied.
#[derive(Debug, Clone)]
pub(crate) struct TemplateDatabase {
    pub(crate) name: String,
    /// 16 hexadecimal digits of the content's checksum.
    pub(crate) digest: String,
}

impl TemplateDatabase {
    pub(crate) fn of(content: &impl DatabaseContent) -> TemplateDatabase {
        let digest = digest_word(&content.digest());
        TemplateDatabase { name: format!("migrated_{digest}"), digest }
    }

    /// Creates the database if it does not exist. One process at a time does that. The database gets its name when it
    /// is filled.
    pub(crate) async fn make(
        &self,
        client: Client,
        mut config: Config,
        content: &impl DatabaseContent,
    ) -> Result<()> {
        let (name, unfinished) = (&self.name, format!("unfinished_{}", self.digest));
        let key = u64::from_str_radix(&self.digest, 16).unwrap_or_default().cast_signed();
        // A lock of the session: it is released with the client or the process.
        send(&client, &format!("SELECT pg_catalog.pg_advisory_lock({key})")).await?;
        if exists(&client, name).await? {
            return Ok(());
        }
        send(&client, &format!("DROP DATABASE IF EXISTS {unfinished}")).await?;
        send(&client, &copy(&client, &unfinished, "template1").await?).await?;
        content.fill(config.dbname(&unfinished)).await?;
        disconnect(&client, &unfinished).await?;
        send(&client, &format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await
    }
}

/// The statement that copies a database as files, which is not the default since version 15.
pub(crate) async fn copy(client: &Client, name: &str, template: &str) -> Result<String> {
    let version = values(client, "SELECT pg_catalog.current_setting('server_version_num')").await?;
    let version: u32 = version.first().and_then(|version| version.parse().ok()).unwrap_or_default();
    let strategy = if version >= 150_000 { " STRATEGY file_copy" } else { "" };
    Ok(format!("CREATE DATABASE {name} TEMPLATE {template}{strategy}"))
}

/// Ends all sessions in a database, and waits for their end.
///
/// `DROP DATABASE … WITH (FORCE)` and `CREATE DATABASE` wait too, but in steps of a tenth of a second.
pub(crate) async fn disconnect(client: &Client, name: &str) -> Result<()> {
    let query = format!(
        "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = '{name}'"
    );
    let mut timer = PollTimer::new(ENDS);
    while !values(client, &query).await?.is_empty() {
        if !timer.wait().await {
            return Err(Error::new(ErrorKind::Sql, format!("sessions in database `{name}` do not end")));
        }
    }
    Ok(())
}

async fn exists(client: &Client, name: &str) -> Result<bool> {
    let query = format!("SELECT datname FROM pg_catalog.pg_database WHERE datname = '{name}'");
    Ok(!values(client, &query).await?.is_empty())
}

/// Runs a statement. All names in it consist of letters, digits and underscores.
pub(crate) async fn send(client: &Client, sql: &str) -> Result<()> {
    client.batch_execute(sql).await.map_err(|error| failed(sql, error))
}

/// The first column of a query's rows.
pub(crate) async fn values(client: &Client, sql: &str) -> Result<Vec<String>> {
    let messages = client.simple_query(sql).await.map_err(|error| failed(sql, error))?;
    let value = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
        _ => None,
    };
    Ok(messages.iter().filter_map(value).collect())
}

fn failed(sql: &str, error: tokio_postgres::Error) -> Error {
    Error::new(ErrorKind::Sql, "the server for tests refused a statement")
        .note(sql.to_owned())
        .caused_by(error)
}
