use embed_migrate_core::{Error, ErrorKind, Result, Step, quote};
use tokio_postgres::error::DbError;

use crate::connection::rows::rows;
use crate::history::missing_table::missing_table;
use crate::history::schema::array;
use crate::pipeline::patch_failure;
use crate::pipeline::transaction_frame::TransactionFrame;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::topology::slony::locked_nodes::LockedNodes;

/// What ends a transaction that dropped what is replicated: Slony would go on looking for it. No code of PostgreSQL's
/// begins so.
pub(crate) const DROPPED: &str = "MG002";

/// What is checked before a patch's transaction is committed, on any node.
pub(crate) const CLOSING: &str = include_str!("closing.sql");

const CREATED_TABLES: &str = include_str!("created_tables.sql");
const UNREPLICATED: &str = include_str!("unreplicated.sql");

/// A table that a patch created and that is in no set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UnreplicatedTable {
    /// Its name, ready for SQL.
    pub(crate) name: String,
    /// Whether it has a primary key, without which it can't be replicated.
    pub(crate) keyed: bool,
}

impl LockedNodes<'_> {
    /// The SQL that records the tables that a transaction created.
    pub(crate) fn record_created_tables(&self, frame: &TransactionFrame<'_>, step: &Step<'_>) -> String {
        let revision = frame.options.revision.as_deref().or(step.bundle.revision());
        let sql = CREATED_TABLES
            .replace("{history}", &quote::literal(&frame.schema.quoted))
            .replace("{bundle}", &quote::literal(step.bundle.name()))
            .replace("{version}", &array(step.patch.version()))
            .replace("{application}", &quote::optional(frame.options.application.as_deref()))
            .replace("{revision}", &quote::optional(revision));
        let role = self.options().role.as_deref().map(quote::identifier);
        let [role, none] = match role {
            Some(role) => [format!("SET LOCAL ROLE {role};\n"), "SET LOCAL ROLE NONE;\n".to_owned()],
            None => [String::new(), String::new()],
        };
        let (events, sql) = (frame.events(), frame.schema.fill(&sql));
        format!("SET LOCAL search_path = pg_catalog, pg_temp;\n{role}{events}{sql}{none}")
    }

    /// The tables that patches created and that are in no set.
    pub(crate) async fn unreplicated(&self) -> Result<Vec<UnreplicatedTable>> {
        let session = &self.origin.member.session;
        let schema = self.origin.member.run.context.schema;
        let sql = schema.fill(&self.cluster.fill(UNREPLICATED));
        let sql = format!("SET LOCAL search_path = pg_catalog, pg_temp; {sql}");
        let messages = match with_timeout(self.options(), session.simple_query(&sql)).await {
            Ok(messages) => messages,
            Err(error) if missing_table(&error) => return Ok(Vec::new()),
            Err(error) => return Err(failure::own("asking which tables are replicated", error)),
        };
        let found = rows(&messages).filter_map(|row| {
            Some(UnreplicatedTable { name: row.get(0)?.to_owned(), keyed: row.get(1).is_some() })
        });
        Ok(found.collect())
    }
}

/// What to say of a patch that dropped what is replicated.
pub(crate) fn dropped(step: &Step<'_>, db: &DbError) -> Error {
    let message = format!(
        "patch `{}` of `{}` drops replicated objects: {}",
        step.patch.version(),
        step.bundle.name(),
        db.message()
    );
    Error::new(ErrorKind::Unsupported, message)
        .at(patch_failure::place_at(step, 0))
        .note("it was rolled back: Slony would still look for the dropped object")
        .help(format!(
            "take it out of its set on the origin first, and run again: {}",
            db.hint().unwrap_or_default()
        ))
}
