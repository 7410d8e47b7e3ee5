//! What a boot asks first: the records, in one round trip.

use embed_migrate_core::Result;
use tokio_postgres::error::SqlState;

use super::context::RunContext;
use crate::connection::connection::Connection;
use crate::history::ask::ask_history;
use crate::history::records::bundle_record::BundleRecord;
use crate::history::records::bundle_record::ahead_query;
use crate::history::records::bundle_record::fast_query;
use crate::history::records::bundle_record::is_vouched_for;
use crate::history::records::bundle_record::records_query;
use crate::query::ask::ask;
use crate::query::failure;

impl RunContext<'_> {
    pub(crate) async fn looked(
        &self,
        connection: Connection,
    ) -> Result<(Connection, Option<Vec<BundleRecord>>)> {
        match self.look(&connection).await {
            Ok(recorded) => Ok((connection, recorded)),
            Err(error) => {
                // It may still be busy with what we gave up on: that is nothing for a pool.
                drop(connection.take());
                Err(error)
            }
        }
    }

    /// The one round trip of a boot that finds nothing to do, and another where the database may be ahead; `None`
    /// where there is no history yet.
    async fn look(&self, connection: &Connection) -> Result<Option<Vec<BundleRecord>>> {
        let recorded = match ask(connection, self.options, &fast_query(self.schema)).await {
            Ok(messages) if is_vouched_for(&messages, self.options) => BundleRecord::parse(&messages).ok(),
            // The owner may be trusted all the same; or the server can't restrict views.
            Ok(_) => self.records(connection).await?,
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_OBJECT) => {
                self.records(connection).await?
            }
            Err(error) if error.code().is_some() => None,
            Err(error) => return Err(failure::own("reading the history", error)),
        };
        // Whatever is wrong with it, the session finds out, with more to say: this question is worded to be cheap.
        let Some(recorded) = recorded else { return Ok(None) };
        if !self.may_be_ahead(&recorded) {
            return Ok(Some(recorded));
        }
        let query = ahead_query(self.schema, self.bundles, self.options);
        let messages = ask_history(connection, self.options, self.schema, &query).await?;
        messages.map(|messages| BundleRecord::parse(&messages)).transpose()
    }

    /// The records, once it is clear that they are somebody's whom we trust.
    async fn records(&self, connection: &Connection) -> Result<Option<Vec<BundleRecord>>> {
        let query = records_query(self.schema, self.options);
        let messages = ask_history(connection, self.options, self.schema, &query).await?;
        Ok(messages.and_then(|messages| BundleRecord::parse(&messages).ok()))
    }
}
