use embed_migrate_core::catalog::QualifiedName;
use embed_migrate_core::{Error, ErrorKind, Kind};
use embed_migrate_runtime::Settings;
use tokio_postgres::Client;
use tokio_postgres::error::DbError;

/// A patch that a proof applies: its statements, and how it is applied.
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct ProofPatch {
    /// Its statements, without semicolons.
    pub statements: Vec<String>,
    /// How it is applied.
    pub kind: Kind,
}

impl ProofPatch {
    /// Applies it: in one transaction, or statement by statement.
    pub(super) async fn apply(&self, settings: &Settings) -> std::result::Result<(), ProofFailure> {
        let link = settings.connect().await.map_err(ProofFailure::from)?;
        let whole = self.kind != Kind::Concurrent;
        let client = &link.client;
        if whole {
            run(client, "BEGIN").await?;
        }
        // As a patch does: bodies may use what is made after them.
        run(client, "SET check_function_bodies = off").await?;
        for statement in &self.statements {
            run(client, statement).await?;
        }
        if whole { run(client, "COMMIT").await } else { Ok(()) }
    }
}

/// Why a patch can't be applied.
#[derive(Debug)]
pub(super) struct ProofFailure {
    pub(super) error: Error,
    /// Whether rows are at fault: they break a constraint, or a value can't be converted.
    pub(super) by_rows: bool,
    /// The table of those rows, if it is known.
    pub(super) table: Option<QualifiedName>,
}

impl From<Error> for ProofFailure {
    fn from(error: Error) -> ProofFailure {
        ProofFailure { error, by_rows: false, table: None }
    }
}

pub(super) async fn run(client: &Client, statement: &str) -> std::result::Result<(), ProofFailure> {
    client.batch_execute(statement).await.map_err(|error| {
        let said = error.as_db_error();
        let class = said.map_or("", |said| said.code().code()).get(..2).unwrap_or_default().to_owned();
        let why = said.map_or_else(|| error.to_string(), |said| said.message().to_owned());
        let table = said.and_then(table);
        let failure = Error::new(ErrorKind::Sql, why).note(statement.trim_end().to_owned());
        let failure = said.and_then(DbError::detail).into_iter().fold(failure, Error::note);
        ProofFailure { error: failure.caused_by(error), by_rows: class == "22" || class == "23", table }
    })
}

fn table(said: &DbError) -> Option<QualifiedName> {
    Some(QualifiedName { schema: said.schema()?.to_owned(), name: said.table()?.to_owned() })
}
