//! Whether a bundle that is new to the history is in the database all the same: under another name, or in the history of
//! another schema. And whether another tool made the database.

use embed_migrate_core::identity::{MatchingBundle, NEW_HISTORY_OPTIONS, matching_bundles};
use embed_migrate_core::{Bundle, Error, ErrorKind, HISTORY_BUNDLE, History, Result};
use tokio_postgres::Client;

use super::history_tables::{HistoryTable, find_history_tables};
use crate::history::read::read_trusted;
use crate::history::records::bundle_record::BundleRecord;
use crate::history::schema::HistorySchema;
use crate::options::options::Options;

/// What is asked about.
pub(crate) struct OtherHistories<'a> {
    pub(crate) options: &'a Options,
    pub(crate) schema: &'a HistorySchema,
    pub(crate) bundles: &'a [&'a Bundle],
}

impl<'a> OtherHistories<'a> {
    /// Whether there is a bundle that nothing is recorded of, and that may be in the database already.
    pub(crate) fn concerns(&self, recorded: &[BundleRecord]) -> bool {
        self.bundles.iter().any(|bundle| self.is_asked(bundle, recorded))
    }

    fn is_asked(&self, bundle: &Bundle, recorded: &[BundleRecord]) -> bool {
        let meant = self.options.new_history || bundle.is_separate();
        let is_recorded = || recorded.iter().any(|recorded| recorded.name == bundle.name());
        !meant && bundle.name() != HISTORY_BUNDLE && bundle.head().is_some() && !is_recorded()
    }

    fn unrecorded(&self, history: &History, recorded: &[BundleRecord]) -> Vec<&'a Bundle> {
        let is_new =
            |bundle: &&Bundle| self.is_asked(bundle, recorded) && history.of(bundle.name()).next().is_none();
        self.bundles.iter().copied().filter(is_new).collect()
    }

    /// Refuses what this history has under another name. What this binary has under that name too is another bundle.
    ///
    /// # Errors
    ///
    /// `Identity`, for each bundle.
    pub(crate) fn refuse_renamed(&self, history: &History, recorded: &[BundleRecord]) -> Result<()> {
        let ours = |alike: &MatchingBundle| self.bundles.iter().any(|bundle| bundle.name() == alike.name);
        let renamed = self.unrecorded(history, recorded).into_iter().filter_map(|bundle| {
            let other = matching_bundles(bundle, history).into_iter().find(|alike| !ours(alike))?;
            Some(other.under_another_name(bundle, &self.schema.name))
        });
        Error::all(renamed).map_or(Ok(()), Err)
    }

    /// Refuses what the histories of other schemas have, and says which of them could not be looked at. Only tables of
    /// roles that are trusted are read: a history of another role can't stop a boot.
    ///
    /// # Errors
    ///
    /// `Identity`, for each bundle; or the server can't be asked.
    pub(crate) async fn refuse_in_other_histories(
        &self,
        client: &Client,
        history: &History,
        recorded: &[BundleRecord],
    ) -> Result<Vec<String>> {
        let (mut problems, mut notes) = (Vec::new(), Vec::new());
        let new = self.unrecorded(history, recorded);
        if new.is_empty() {
            return Ok(notes);
        }
        for HistoryTable { tool, schema, table, owner, trusted } in
            find_history_tables(client, self.options, self.schema).await?
        {
            if let Some(tool) = tool {
                // If there is a history already, it was decided that both work on the database.
                problems.extend(
                    (trusted && history.applied.is_empty()).then(|| other_tool(tool, &schema, &table)),
                );
                continue;
            }
            let theirs = HistorySchema::new(&schema);
            let read = match trusted {
                true => read_trusted(client, self.options, &theirs).await?,
                false => Err(format!("it belongs to `{owner}`, which is not a trusted role")),
            };
            match read {
                Ok(history) => problems.extend(new.iter().filter_map(|bundle| {
                    let alike = matching_bundles(bundle, &history).into_iter().next()?;
                    Some(alike.in_another_history(bundle, &self.schema.name, &schema))
                })),
                Err(why) => {
                    notes.push(format!("`{schema}.patch` looks like a history, and was not read: {why}"))
                }
            }
        }
        Error::all(problems).map_or(Ok(notes), Err)
    }

    /// Both.
    ///
    /// # Errors
    ///
    /// As both.
    pub(crate) async fn refuse(
        &self,
        client: &Client,
        history: &History,
        recorded: &[BundleRecord],
    ) -> Result<Vec<String>> {
        self.refuse_renamed(history, recorded)?;
        self.refuse_in_other_histories(client, history, recorded).await
    }
}

/// Refuses a database that another tool made.
fn other_tool(tool: &str, schema: &str, table: &str) -> Error {
    let message = format!("another tool made this database: it has the table `{schema}.{table}`, of {tool}");
    Error::new(ErrorKind::Identity, message)
        .note("there is no history of this tool, so all patches would be applied to the schema that the other tool made")
        .help(format!("to begin a history in this database anyway: {NEW_HISTORY_OPTIONS}"))
}
