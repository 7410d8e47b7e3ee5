//! The first question of a boot: the records, in one round trip.

use embed_migrate_core::Result;
use tokio_postgres::error::SqlState;

use super::context::RunContext;
use crate::connection::connection::Connection;
use crate::history::ask::ask_history;
use crate::history::records::bundle_record::{
    BundleRecord, ahead_query, fast_query, is_vouched_for, records_query,
};
use crate::query::ask::ask;
use crate::query::failure;

impl RunContext<'_> {
    pub(crate) async fn look_up(
        &self,
        connection: Connection,
    ) -> Result<(Connection, Option<Vec<BundleRecord>>)> {
        match self.first_query(&connection).await {
            Ok(recorded) => Ok((connection, recorded)),
            Err(error) => {
                // The connection may still be busy with the query that we gave up. A pool must not get it back.
                drop(connection.take());
                Err(error)
            }
        }
    }

    /// The one round trip of a boot that finds nothing to do, and a second one if the database may be ahead; `None` if
    /// there is no history yet.
    async fn first_query(&self, connection: &Connection) -> Result<Option<Vec<BundleRecord>>> {
        let recorded = match ask(connection, self.options, &fast_query(self.schema)).await {
            Ok(messages) if is_vouched_for(&messages, self.options) => BundleRecord::parse(&messages).ok(),
            // The owner may still be trusted; or, in the next arm, the server can't restrict views.
            Ok(_) => self.records(connection).await?,
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_OBJECT) => {
                self.records(connection).await?
            }
            Err(error) if error.code().is_some() => None,
            Err(error) => return Err(failure::own("reading the history", error)),
        };
        // The cheap query does not say what is wrong with the history. The session asks again, and reports it.
        let Some(recorded) = recorded else { return Ok(None) };
        if !self.may_be_ahead(&recorded) {
            return Ok(Some(recorded));
        }
        let query = ahead_query(self.schema, self.bundles, self.options);
        let messages = ask_history(connection, self.options, self.schema, &query).await?;
        messages.map(|messages| BundleRecord::parse(&messages)).transpose()
    }

    /// The records, after a check that a trusted role owns them.
    async fn records(&self, connection: &Connection) -> Result<Option<Vec<BundleRecord>>> {
        let query = records_query(self.schema, self.options);
        let messages = ask_history(connection, self.options, self.schema, &query).await?;
        Ok(messages.and_then(|messages| BundleRecord::parse(&messages).ok()))
    }
}
