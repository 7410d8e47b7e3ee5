use embed_migrate_core::{Class, Error, ErrorKind, Result, Step, quote};
use tokio_postgres::error::DbError;

use crate::connection::rows::rows;
use crate::options::options::Options;
use crate::pipeline::patch_failure;
use crate::session::session::Session;
use crate::topology::slony::cluster::SlonyCluster;
use crate::topology::slony::locked_nodes::LockedNodes;

/// What ends a transaction that gave a replicated table other columns.
pub(crate) const RESHAPED: &str = "MG003";

const COLUMNS: &str = include_str!("columns.sql");
const CHECK: &str = include_str!("reshaped.sql");

impl LockedNodes<'_> {
    /// The statements of a direct or concurrent patch that give replicated tables other columns, as what is to be said of
    /// them.
    ///
    /// Slony's trigger on a subscriber prepares one INSERT for each table and transaction, by the columns of the first row
    /// that comes, and uses it for all. Rows of two shapes in one transaction crash the server, or come out with
    /// values in the wrong columns. Only captured scripts make Slony prepare its statements again.
    pub(crate) async fn reshaped(&self, step: &Step<'_>) -> Result<Vec<Error>> {
        let mut problems = Vec::new();
        let path = self.origin.member.run.frame(&self.origin.member.session).path(step.bundle);
        for statement in step.patch.outline().statements() {
            let alters = [Class::Schema, Class::Drop].contains(&statement.class);
            let table = step.patch.text().get(statement.target.clone()).unwrap_or_default();
            if alters && !table.is_empty() && self.writes_to(table, &path).await?.0 {
                problems.push(reshapes(step, statement.range.start, table));
            }
        }
        Ok(problems)
    }
}

/// What checks at the end of a transaction that the replicated tables of a node have the columns that they have now.
pub(crate) async fn unchanged(
    cluster: &SlonyCluster,
    session: &Session,
    options: &Options,
) -> Result<String> {
    let messages = cluster.ask(session, options, COLUMNS).await?;
    let before = rows(&messages).next().and_then(|row| row.get(0)).unwrap_or("{}");
    // Names in it may look like places to fill.
    let check = cluster.fill(&CHECK.replace("{columns}", COLUMNS));
    Ok(check.replace("{before}", &quote::literal(before)))
}

/// The error of a patch that did it in a way that its text does not show.
pub(crate) fn reshaped(step: &Step<'_>, db: &DbError) -> Error {
    reshapes(step, 0, db.message()).note("nothing of it is applied on this node")
}

fn reshapes(step: &Step<'_>, offset: usize, tables: &str) -> Error {
    let message = format!(
        "patch `{}` of `{}` is {}, and changes the columns of `{tables}`, which is replicated",
        step.patch.version(),
        step.bundle.name(),
        step.patch.kind()
    );
    Error::new(ErrorKind::Unsupported, message)
        .at(patch_failure::place_at(step, offset))
        .note("rows of both forms would be replicated: a subscriber's server crashes over them, or mixes up their columns")
        .help("put the statement into a std patch: it takes effect on each node in order with the rows")
}
