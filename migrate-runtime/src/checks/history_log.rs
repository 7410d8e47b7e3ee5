use embed_migrate_core::{HISTORY_BUNDLE, Result};

use crate::connection::source::IntoSource;
use crate::history::log::{read_events, read_rows};
use crate::migrator::Migrator;
use crate::report::history_log::HistoryLog;

impl Migrator<'_> {
    /// The history of a database: each row with who wrote it and when, and what else happened. Writes nothing and takes
    /// no lock.
    ///
    /// # Errors
    ///
    /// The history can't be read, belongs to an untrusted role, or has a row that this version does not understand.
    #[doc(hidden)]
    pub async fn history<'s>(&self, source: impl IntoSource<'s>) -> Result<HistoryLog> {
        let source = source.into_source();
        let session = self.looking(&source, "reading the history").await?;
        let log = async {
            let (schema, options) = (self.schema(), &self.options);
            let mut rows = read_rows(&session, options, &schema).await?;
            rows.retain(|row| row.applied.bundle != HISTORY_BUNDLE);
            let events = read_events(&session, options, &schema).await?;
            let facts = self.facts_lines(&self.view(&session).await?);
            Ok(HistoryLog { rows, events, facts })
        };
        let log = log.await;
        session.end().await;
        log
    }
}
