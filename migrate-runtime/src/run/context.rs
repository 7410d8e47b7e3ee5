use embed_migrate_core::{Bundle, History, Result};
use tokio_postgres::Client;

use crate::connection::source::Source;
use crate::history::ask::ask_history;
use crate::history::missing_table::in_part;
use crate::history::read::read_all;
use crate::history::records::bundle_record::{BundleRecord, records_query};
use crate::history::schema::HistorySchema;
use crate::options::options::Options;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::session::lock::Lock;
use crate::session::reset::PreparedStatements;
use crate::session::session::Session;

/// What a session is opened with: the source of the connection, the options, the history's schema, the bundles.
pub(crate) struct RunContext<'a> {
    pub(crate) source: &'a Source<'a>,
    pub(crate) options: &'a Options,
    pub(crate) schema: &'a HistorySchema,
    pub(crate) bundles: &'a [&'a Bundle],
}

impl RunContext<'_> {
    /// Refuses a history if somebody dropped one of its two tables: one patch creates both.
    ///
    /// # Errors
    ///
    /// `Missing`, with the table that is missing; or the server can't be asked.
    pub(crate) async fn check_tables(
        &self,
        session: &Session,
        recorded: bool,
        history: &History,
    ) -> Result<()> {
        let gone = match (recorded, history.applied.is_empty()) {
            (true, true) => "patch",
            // The tables may have been created since.
            (false, false) => {
                match ask_history(
                    session,
                    self.options,
                    self.schema,
                    &records_query(self.schema, self.options),
                )
                .await?
                {
                    None => "bundle",
                    Some(_) => return Ok(()),
                }
            }
            (true, false) | (false, true) => return Ok(()),
        };
        Err(in_part(self.schema, gone))
    }

    /// The history as it is; empty on a first boot.
    pub(crate) async fn history(&self, client: &Client) -> Result<History> {
        read_all(client, self.options, self.schema).await
    }

    /// How the scripts of a session are wrapped.
    pub(crate) fn frame<'f>(&'f self, session: &Session) -> TransactionFrame<'f> {
        let lock_each = match session.lock {
            Lock::Transaction(key) => Some(key),
            Lock::Session | Lock::None => None,
        };
        let keep = session.keep_again(self.options);
        let create_schema = !session.server.has_schema;
        TransactionFrame {
            options: self.options,
            schema: self.schema,
            lock_each,
            each: if lock_each.is_some() { session.keep_each(self.options) } else { String::new() },
            keep,
            create_schema,
            synchronous: session.server.synchronous,
            gate: None,
            apart: None,
            nested: false,
            closing: String::new(),
            prepared: PreparedStatements::Refused,
        }
    }

    /// Whether the database needs nothing from this binary.
    pub(crate) fn is_current(&self, recorded: &[BundleRecord]) -> bool {
        self.all(recorded, |recorded, bundle| recorded.is_current(bundle, &self.options.targets))
    }

    /// Whether a second query may show that the database needs nothing from this binary: the database may be ahead.
    pub(crate) fn may_be_ahead(&self, recorded: &[BundleRecord]) -> bool {
        let targets = &self.options.targets;
        !self.is_current(recorded)
            && self.all(recorded, |recorded, bundle| {
                recorded.is_current(bundle, targets) || recorded.may_be_ahead(bundle, targets)
            })
    }

    /// Whether a condition holds for each bundle's record; an empty bundle needs no record.
    pub(super) fn all(
        &self,
        recorded: &[BundleRecord],
        holds: impl Fn(&BundleRecord, &Bundle) -> bool,
    ) -> bool {
        self.bundles.iter().all(|bundle| {
            let mut found = recorded.iter().filter(|recorded| recorded.name == bundle.name());
            match (found.next(), found.next()) {
                (Some(recorded), None) => holds(recorded, bundle),
                // Two records of one bundle can't both be right.
                (Some(_), Some(_)) => false,
                (None, _) => bundle.head().is_none() && bundle.facts().is_none(),
            }
        })
    }
}
