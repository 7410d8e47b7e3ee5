use embed_migrate_core::catalog::Catalog;
use embed_migrate_core::{Error, ErrorKind, Result};
use futures_util::{StreamExt, pin_mut};
use tokio_postgres::{Client, SimpleQueryMessage};

use super::catalog_builder::CatalogBuilder;
use super::catalog_queries;
use super::catalog_queries::CatalogQuery;
use super::retry_limit::RetryLimit;
use super::row_cells::{RowCells, RowSource};
use super::scope::Scope;
use super::script::InspectionScript;
use crate::connection::rows::rows;

/// Reads what the database contains, in one round trip.
///
/// # Errors
///
/// `Sql` where the server refuses; what vanished while it was read is left out.
pub async fn inspect(client: &Client, scope: &Scope<'_>) -> Result<Catalog> {
    let mut inspection = Inspection::new(scope);
    loop {
        match inspection.read(client).await? {
            Ok(catalog) => return Ok(catalog),
            Err(error) => inspection.bear(error)?,
        }
    }
}

/// A reading of the catalog, and again where others were in the way.
pub(crate) struct Inspection<'s> {
    scope: &'s Scope<'s>,
    script: InspectionScript,
    patience: RetryLimit,
}

impl<'s> Inspection<'s> {
    pub(crate) fn new(scope: &'s Scope<'s>) -> Inspection<'s> {
        Inspection { scope, script: InspectionScript::inspect(scope), patience: RetryLimit::new(scope) }
    }

    /// Reads it once; what the server refuses is in the value.
    pub(crate) async fn read(
        &self,
        client: &Client,
    ) -> Result<std::result::Result<Catalog, tokio_postgres::Error>> {
        Ok(read(client, &self.script, self.scope).await?.map(CatalogBuilder::finish))
    }

    /// Whether to read it again.
    ///
    /// # Errors
    ///
    /// The error, where it is none of those that pass, or has come too often.
    pub(crate) fn bear(&mut self, error: tokio_postgres::Error) -> Result<()> {
        self.patience.bear(error)
    }
}

/// A digest of what the database contains, computed by the server: equal exactly where [`compare`] finds nothing.
///
/// It covers what [`Catalog`] holds, by name: it does not depend on the numbers of objects, on the order in which they
/// were made (columns aside), on gaps that dropped columns left, or on settings of the session. Left out are rows and
/// all that depends on them, what each part needs (`uses`, which follows from the definitions), and
/// what stands in `others`. Where a dump and restore makes the server print an expression in other words, the digest
/// changes, though nothing differs. It is to be kept with the server's major version: another one may print and hash differently.
///
/// [`compare`]: embed_migrate_core::catalog::compare
///
/// # Errors
///
/// As [`inspect`].
pub async fn fingerprint(client: &Client, scope: &Scope<'_>) -> Result<String> {
    let script = InspectionScript::fingerprint(scope);
    let mut patience = RetryLimit::new(scope);
    loop {
        match client.simple_query(&script.sql).await {
            Ok(messages) => return digest_of(&script, &messages),
            Err(error) => patience.bear(error)?,
        }
    }
}

fn digest_of(script: &InspectionScript, messages: &[SimpleQueryMessage]) -> Result<String> {
    let ours = messages.split(|message| matches!(message, SimpleQueryMessage::CommandComplete(_)));
    let row = ours.skip(script.before).flat_map(rows).next();
    let digest = row.and_then(|row| row.get(0)).map(str::to_owned);
    digest.ok_or_else(|| Error::new(ErrorKind::Unsupported, "the server gave no fingerprint"))
}

async fn read(
    client: &Client,
    script: &InspectionScript,
    scope: &Scope<'_>,
) -> Result<std::result::Result<CatalogBuilder, tokio_postgres::Error>> {
    let mut builder = CatalogBuilder::default();
    let kinds: Vec<&CatalogQuery> = catalog_queries::of(scope).collect();
    let messages = match client.simple_query_raw(&script.sql).await {
        Ok(messages) => messages,
        Err(error) => return Ok(Err(error)),
    };
    pin_mut!(messages);
    let mut statement = 0usize;
    while let Some(message) = messages.next().await {
        match message {
            Ok(SimpleQueryMessage::Row(row)) => {
                let kind = statement.checked_sub(script.before).and_then(|kind| kinds.get(kind));
                kind.map_or(Ok::<(), Error>(()), |kind| {
                    (kind.read)(&RowCells(RowSource::Answer(&row)), &mut builder)
                })?;
            }
            Ok(SimpleQueryMessage::CommandComplete(_)) => statement += 1,
            Ok(_) => {}
            Err(error) => return Ok(Err(error)),
        }
    }
    Ok(Ok(builder))
}
