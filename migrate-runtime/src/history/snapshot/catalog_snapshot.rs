use embed_migrate_core::{Error, ErrorKind, Result, quote};
use tokio_postgres::{Client, SimpleQueryRow};

use crate::connection::rows::rows;
use crate::history::ask::ask_history;
use crate::history::row::text;
use crate::history::schema::HistorySchema;
use crate::inspect::scope::Scope;
use crate::inspect::snapshot_text;
use crate::inspect::template::expand;
use crate::options::options::Options;

/// It is not reported that the table exists already.
const KEEP: &str = concat!(
    "SET LOCAL client_min_messages = warning;\n",
    include_str!("../tables/catalog.sql"),
    "SET LOCAL client_min_messages TO DEFAULT;\n",
    include_str!("write.sql")
);
const KEPT: &str = include_str!("read.sql");

/// Stores a snapshot of the catalog. It must be the end of a transaction, because it leaves settings behind.
pub(crate) fn snapshot_query(schema: &HistorySchema, options: &Options, revision: Option<&str>) -> String {
    let leave_out = [schema.name.as_str()];
    let scope = Scope { leave_out: &leave_out, within: true, ..Scope::default() };
    let revision = options.revision.as_deref().or(revision);
    let sql = expand(KEEP, &scope, &|words| match words {
        ["schema"] => schema.quoted.clone(),
        ["application"] => quote::optional(options.application.as_deref()),
        ["revision"] => quote::optional(revision),
        ["format"] => quote::literal(&snapshot_text::format()),
        ["contents"] => snapshot_text::contents(&scope),
        _ => String::new(),
    });
    format!("{};\n{sql}", snapshot_text::settings())
}

/// What a run kept of the catalog, and about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CatalogSnapshot {
    pub(crate) taken_at: String,
    pub(crate) taken_by: String,
    pub(crate) application: Option<String>,
    pub(crate) revision: Option<String>,
    pub(crate) position: i64,
    pub(crate) server: u32,
    pub(crate) format: String,
    /// The last row of the history now.
    pub(crate) last: i64,
    /// The server's version now.
    pub(crate) server_now: u32,
    pub(crate) contents: String,
}

/// The snapshot; `None` if there is none.
///
/// # Errors
///
/// It can't be read, or belongs to an untrusted role.
pub(crate) async fn read_snapshot(
    client: &Client,
    options: &Options,
    schema: &HistorySchema,
) -> Result<Option<CatalogSnapshot>> {
    let messages = ask_history(client, options, schema, &schema.fill(KEPT)).await?.unwrap_or_default();
    rows(&messages).next().map(parse).transpose()
}

fn parse(row: &SimpleQueryRow) -> Result<CatalogSnapshot> {
    let optional = |column| row.get(column).map(str::to_owned);
    Ok(CatalogSnapshot {
        taken_at: text(row, 0)?.to_owned(),
        taken_by: text(row, 1)?.to_owned(),
        application: optional(2),
        revision: optional(3),
        position: number(row, 4)?,
        server: number(row, 5)?,
        format: text(row, 6)?.to_owned(),
        last: number(row, 7)?,
        server_now: number(row, 8)?,
        contents: text(row, 9)?.to_owned(),
    })
}

fn number<N: std::str::FromStr>(row: &SimpleQueryRow, column: usize) -> Result<N> {
    text(row, column)?
        .parse()
        .map_err(|_| Error::new(ErrorKind::Unsupported, "the snapshot of the last run can't be understood"))
}
