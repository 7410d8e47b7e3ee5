use embed_migrate_core::catalog::{self, Catalog, Oid};
use embed_migrate_core::facts::DataFact;
use embed_migrate_core::quote::identifier;
use embed_migrate_core::rows::{RowBatch, RowDifference, more};
use embed_migrate_core::{Error, Place, Result};
use tokio_postgres::Client;

use super::blame::unexpected;
use super::progress::Progress;
use super::{change, compare, links};

/// A data fact on its way to being true.
///
/// It runs within the transaction that the client is in, and names all that it uses with its schema, so that
/// triggers and defaults find the search path that they count on.
#[derive(Clone, Copy)]
pub struct DataLoad<'a> {
    /// The connection.
    pub client: &'a Client,
    /// What the database contains by now, without rows.
    pub catalog: &'a Catalog,
    /// The table, in that catalog.
    pub table: Oid,
    /// The rows.
    pub fact: &'a DataFact,
    /// The place of the fact.
    pub place: &'a Place,
    /// Whether to write.
    pub mode: LoadMode,
    /// Whether the table is known to hold no rows, because it was made a moment ago.
    pub known_empty: bool,
    /// Called with the number of rows that are done, and the number of all rows.
    pub progress: &'a (dyn Fn(usize, usize) + Send + Sync),
}

/// What to do with rows that are not what they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadMode {
    /// Write them.
    Deploy,
    /// Tell of them, and write nothing.
    Verify,
}

/// What a load did, or found.
#[derive(Debug, Default)]
pub struct LoadReport {
    /// How many rows were missing.
    pub inserted: usize,
    /// How many rows were different.
    pub updated: usize,
    /// How many rows were there that should not be.
    pub deleted: usize,
    /// When verifying: what is not as it should be, the first twenty in full.
    pub differences: Vec<Error>,
    /// Whether it is known that the fact holds now, so that nothing need be compared again as long as nothing else
    /// writes to the table or to those that it links to: nothing was written, or the server took every row and
    /// neither type, rule nor trigger can have changed what we gave.
    pub proven: bool,
}

impl DataLoad<'_> {
    /// Makes the fact true, or looks if it is.
    ///
    /// # Errors
    ///
    /// Rows that can't be right whatever the database holds, links to rows that don't exist, and what the server
    /// refuses; all of one kind at once, each with its place. What differs when verifying is no error of this kind.
    pub async fn run(self) -> Result<LoadReport> {
        let mut batch = RowBatch::read(self.catalog, self.table, self.fact, self.place)?;
        if batch.rows.is_empty() {
            return Ok(LoadReport { proven: true, ..LoadReport::default() });
        }
        let empty = self.find_links(&mut batch).await?;
        let rows = std::mem::take(&mut batch.rows);
        let progress = Progress::new(rows.len(), self.progress);
        match (self.fact.present, self.mode) {
            (false, mode) => self.remove(&batch, &rows, mode, &progress).await,
            (true, LoadMode::Verify) => self.verify(&batch, &rows, &progress).await,
            (true, LoadMode::Deploy) => {
                batch.missing().end()?;
                let differing = match empty {
                    true => missing(&rows),
                    false => compare::differences(self.client, &batch, &rows, &progress).await?,
                };
                self.deploy(&mut batch, &rows, differing, &progress).await
            }
        }
    }

    /// Finds the rows that links point to, and in the same pipeline whether the table is empty.
    async fn find_links(&self, batch: &mut RowBatch<'_>) -> Result<bool> {
        let (client, known) = (self.client, self.known_empty);
        let table =
            format!("{}.{}", identifier(&batch.table.name.schema), identifier(&batch.table.name.name));
        let ask = format!("SELECT FROM {table} LIMIT 1");
        // Rows that are few are compared as fast as the table is looked at, which would be a round trip of its own.
        let few = batch.rows.len() < FEW && batch.table.rows == catalog::RowPresence::Perhaps;
        let any = async {
            match known || few || self.mode == LoadMode::Verify || !self.fact.present {
                true => Ok(known),
                false => client.query_typed(&ask, &[]).await.map(|rows| rows.is_empty()),
            }
        };
        let links = links::find(client, batch, |batch, column| !known || !batch.is_own(column));
        let (any, found) = futures_util::future::join(any, links).await;
        found?;
        any.map_err(|error| super::blame::blame(batch, &[], "reading", error))
    }

    async fn verify(
        &self,
        batch: &RowBatch<'_>,
        rows: &[u32],
        progress: &Progress<'_>,
    ) -> Result<LoadReport> {
        let differing = compare::differences(self.client, batch, rows, progress).await?;
        let (shown, rest) = differing.split_at_checked(TOLD).unwrap_or((&differing, &[]));
        let mut differences = batch.missing().list();
        if !shown.is_empty() {
            differences.extend(compare::describe(self.client, batch, shown).await?);
        }
        more(&mut differences, rest.len(), "more rows that differ");
        let inserted = differing.iter().filter(|difference| difference.mask.is_none()).count();
        let updated = differing.len() - inserted;
        Ok(LoadReport { inserted, updated, deleted: 0, proven: differences.is_empty(), differences })
    }

    async fn remove(
        &self,
        batch: &RowBatch<'_>,
        rows: &[u32],
        mode: LoadMode,
        progress: &Progress<'_>,
    ) -> Result<LoadReport> {
        let found = match self.known_empty {
            true => Vec::new(),
            false => compare::present(self.client, batch, rows).await?,
        };
        let mut loaded =
            LoadReport { deleted: found.len(), proven: found.is_empty(), ..LoadReport::default() };
        if found.is_empty() {
            return Ok(loaded);
        }
        match mode {
            LoadMode::Verify => {
                let shown = found.iter().take(TOLD).map(|row| RowDifference::unwanted(batch, *row));
                loaded.differences = shown.collect();
                more(
                    &mut loaded.differences,
                    found.len().saturating_sub(TOLD),
                    "more rows that are still there",
                );
            }
            LoadMode::Deploy => {
                let gone = change::delete_rows(self.client, batch, &found, progress).await?;
                loaded.proven = batch.is_exact() && gone == found.len() as u64;
            }
        }
        Ok(loaded)
    }

    /// Existing rows come first, because they may release unique values that new rows take.
    async fn deploy(
        &self,
        batch: &mut RowBatch<'_>,
        rows: &[u32],
        differing: Vec<RowDifference>,
        progress: &Progress<'_>,
    ) -> Result<LoadReport> {
        let client = self.client;
        let (new, changed): (Vec<_>, Vec<_>) =
            differing.into_iter().partition(|difference| difference.mask.is_none());
        let new: Vec<u32> = new.into_iter().map(|difference| difference.row).collect();
        let waiting = batch.waiting(rows);
        batch.incomplete(self.catalog, &new).end()?;
        let mut taken = 0;
        if !changed.is_empty() {
            taken += change::update_rows(client, batch, &changed, progress).await?;
        }
        if !new.is_empty() {
            taken += change::insert_rows(client, batch, &new, progress).await?;
        }
        let mut proven = taken == (new.len() + changed.len()) as u64;
        let mut updated = changed.len();
        if !waiting.is_empty() {
            updated += others(&waiting, &new, &changed);
            proven &= self.link(batch, &waiting).await? == waiting.len() as u64;
        }
        let wrote = !new.is_empty() || updated > 0;
        Ok(LoadReport {
            inserted: new.len(),
            updated,
            proven: !wrote || proven && batch.is_exact(),
            ..LoadReport::default()
        })
    }

    /// Links rows to rows of the same data, now that these have their keys.
    async fn link(&self, batch: &mut RowBatch<'_>, waiting: &[u32]) -> Result<u64> {
        let own: Vec<usize> = batch.unresolved().into_iter().map(|(column, _)| column).collect();
        links::find(self.client, batch, |_, _| true).await?;
        if !batch.unresolved().is_empty() {
            return Err(unexpected(format!(
                "`{}` did not keep all rows that it was given",
                batch.table.name.name
            ))
            .at(self.place.clone())
            .help("look for a trigger that drops or changes rows"));
        }
        change::set_columns(self.client, batch, waiting, &own, &Progress::quiet()).await
    }
}

/// From so many rows on, copying them into an empty table is quicker than comparing them first.
const FEW: usize = 1000;

/// How many differences are reported in full.
const TOLD: usize = 20;

fn missing(rows: &[u32]) -> Vec<RowDifference> {
    rows.iter().map(|row| RowDifference { row: *row, mask: None }).collect()
}

/// How many of the rows are neither new nor changed.
fn others(rows: &[u32], new: &[u32], changed: &[RowDifference]) -> usize {
    let mut known: Vec<u32> =
        changed.iter().map(|difference| difference.row).chain(new.iter().copied()).collect();
    known.sort_unstable();
    rows.iter().filter(|row| known.binary_search(row).is_err()).count()
}
