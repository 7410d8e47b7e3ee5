use std::collections::{BTreeMap, BTreeSet, HashMap};

use embed_migrate_core::{Error, ErrorKind, Result, Step, quote};

use super::evaluation::PRINTED;
use super::table_shapes::ChangedTables;
use crate::connection::rows::rows;
use crate::pipeline::patch_failure::place_at;
use crate::query::failure;
use crate::topology::locked_node::LockedNode;
use crate::topology::logical::logical_replication::LogicalReplication;
use crate::topology::logical::side_connection::{SideConnection, TextRow};

/// The columns that this transaction wrote, of tables that nobody else can look into, and in which file each table is.
const WRITTEN: &str = "SELECT c.oid, c.relfilenode, quote_ident(n.nspname) || '.' || quote_ident(c.relname), quote_ident(a.attname) \
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname <> {own} \
    AND age(a.xmin) <= age(pg_current_xact_id()::xid) AND EXISTS (SELECT FROM pg_locks AS l WHERE l.pid = pg_backend_pid() \
    AND l.locktype = 'relation' AND l.relation = c.oid AND l.mode = 'AccessExclusiveLock') ORDER BY 3, a.attnum";

/// Of such tables: as which tables their rows are published, with which filter, and which columns identify a row.
const PUBLISHED: &str = include_str!("published.sql");

/// A published table whose rows a patch rewrote.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RewrittenTable {
    table: String,
    columns: Vec<String>,
    /// What sums up the rows that a subscriber has.
    here: String,
    there: String,
}

/// The sums of the publisher, by their question.
#[derive(Default)]
pub(in crate::topology::logical) struct RewrittenSums {
    /// The rewritten tables, published or not.
    tables: BTreeSet<String>,
    /// What each node is to have.
    nodes: Vec<BTreeSet<RewrittenTable>>,
    sums: HashMap<String, RowSum>,
}

/// How many rows, and the checksums of their identities, alone and with the written values.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RowSum {
    count: String,
    keys: String,
    values: String,
}

impl LogicalReplication<'_> {
    /// Computes checksums of what the publisher's open transaction rewrote, before it changes rows.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub(in crate::topology::logical) async fn stored(&self, step: &Step<'_>) -> Result<RewrittenSums> {
        let origin = &self.node_set.origin;
        let anew = origin.anew(step, &self.publisher).await?;
        let mut stored = RewrittenSums {
            tables: anew.values().map(|it| it.to_owned()).collect(),
            ..RewrittenSums::default()
        };
        let publications = self.publications();
        if anew.is_empty() || publications.is_empty() {
            return Ok(stored);
        }
        let numbers: Vec<_> = anew.keys().map(|oid| quote::literal(oid)).collect();
        let sql = PUBLISHED.replace("{tables}", &numbers.join(", ")).replace("{publications}", &publications);
        let published = origin.ask_between(step, &sql).await?;
        for subscriptions in &self.subscribed {
            let names: BTreeSet<_> = subscriptions.iter().flat_map(|it| &it.publications).collect();
            let rows = published.iter().filter(|row| names.iter().any(|name| *name == row.text(0)));
            stored.nodes.push(tables(rows));
        }
        let questions: BTreeSet<_> = stored.nodes.iter().flatten().map(|it| it.here.clone()).collect();
        for question in questions {
            let sum = origin.ask_between(step, &question).await?;
            stored.sums.insert(question, RowSum::of(&sum));
        }
        Ok(stored)
    }

    /// Refuses a patch after which a subscriber would hold other values than the publisher, because an expression or a
    /// literal means something else there, or something else each time.
    ///
    /// # Errors
    ///
    /// `Unsupported`, with the table, its columns and the node.
    pub(in crate::topology::logical) async fn check_rewritten_values(
        &self,
        step: &Step<'_>,
        stored: &RewrittenSums,
        taken: &ChangedTables,
        parked: &[bool],
    ) -> Result<()> {
        for (index, (member, side)) in self.node_set.nodes.iter().zip(&self.nodes).enumerate() {
            if parked.get(index) != Some(&true) {
                continue;
            }
            let there = member.anew(step, side).await?;
            let only = |table: &&String| !stored.tables.contains(*table) && taken.has(index, table);
            if let Some(table) = there.values().find(only) {
                return Err(differs(step, table, &[], &member.name).note(format!(
                    "node `{}` rewrites the rows of this table, and the publisher does not",
                    member.name
                )));
            }
            for rewritten in stored.nodes.get(index).into_iter().flatten() {
                let here = stored.sums.get(&rewritten.here);
                let there = RowSum::of(&member.ask(step, &rewritten.there).await?);
                let Some(here) = here.filter(|here| here.values != there.values) else { continue };
                let error = differs(step, &rewritten.table, &rewritten.columns, &member.name);
                return Err(match here.keys == there.keys {
                    true => error,
                    false => error.note(format!(
                        "the rows themselves differ: {} on the publisher, {} on the node",
                        here.count, there.count
                    )),
                });
            }
        }
        Ok(())
    }
}

impl RowSum {
    fn of(rows: &[TextRow]) -> RowSum {
        let cell = |column| rows.first().map(|row| row.text(column).to_owned()).unwrap_or_default();
        RowSum { count: cell(0), keys: cell(1), values: cell(2) }
    }
}

impl LockedNode<'_> {
    /// The existing tables that the open transaction rewrote, with the columns that it wrote, by number and name.
    async fn anew(&self, step: &Step<'_>, side: &SideConnection<'_>) -> Result<BTreeMap<String, String>> {
        let sql = WRITTEN.replace("{own}", &quote::literal(&self.run.context.schema.name));
        let written = self.ask_between(step, &sql).await?;
        if written.is_empty() {
            return Ok(BTreeMap::new());
        }
        let numbers: BTreeSet<_> = written.iter().map(|row| quote::literal(row.text(0))).collect();
        let numbers: Vec<_> = numbers.into_iter().collect();
        // Who did not take part in the transaction sees the tables as they were.
        let sql = format!("SELECT oid, relfilenode FROM pg_class WHERE oid IN ({})", numbers.join(", "));
        let before = side.ask("looking at the tables that a patch changes", &sql).await?;
        let before: HashMap<_, _> = before.iter().map(|row| (row.text(0), row.text(1))).collect();
        let anew = |row: &&TextRow| before.get(row.text(0)).is_some_and(|file| *file != row.text(1));
        let named = |row: &TextRow| (row.text(0).to_owned(), row.text(2).to_owned());
        Ok(written.iter().filter(anew).map(named).collect())
    }

    /// Asks something in the open transaction, which continues with the settings that it had.
    async fn ask_between(&self, step: &Step<'_>, sql: &str) -> Result<Vec<TextRow>> {
        let sql = format!(
            "SAVEPOINT migrate_asks; {PRINTED}SET LOCAL statement_timeout = 0; {sql}; \
             ROLLBACK TO SAVEPOINT migrate_asks; RELEASE SAVEPOINT migrate_asks"
        );
        self.answer(step, &sql).await
    }

    /// Asks something in a transaction that has done all it was to do.
    pub(in crate::topology::logical) async fn ask(&self, step: &Step<'_>, sql: &str) -> Result<Vec<TextRow>> {
        self.answer(step, &format!("{PRINTED}{sql}")).await
    }

    // It may take as long as the patch did, because checksums of the rewritten tables are computed: as long as the server works on it.
    async fn answer(&self, step: &Step<'_>, sql: &str) -> Result<Vec<TextRow>> {
        let watch = self.session.watch(self.run.context.source, self.run.context.options, Some(step), &[]);
        let (asked, blockers) = watch.answer_soon(self.session.simple_query(sql)).await;
        let messages = asked.map_err(|error| {
            let held = blockers.iter().map(|holder| format!("the lock is held by {holder}"));
            self.on(held.fold(failure::own("looking at the changes of a patch", error), Error::note))
        })?;
        Ok(rows(&messages).map(TextRow::of).collect())
    }
}

/// The tables that have to be the same on a node, with the questions that sum them up.
fn tables<'r>(rows: impl Iterator<Item = &'r TextRow>) -> BTreeSet<RewrittenTable> {
    let mut tables: BTreeMap<&str, Vec<&TextRow>> = BTreeMap::new();
    for row in rows {
        tables.entry(row.text(1)).or_default().push(row);
    }
    tables.into_iter().map(|(table, rows)| rewritten(table, &rows)).collect()
}

fn rewritten(table: &str, rows: &[&TextRow]) -> RewrittenTable {
    let columns: BTreeSet<_> = rows.iter().map(|row| row.text(4).to_owned()).collect();
    let filters: BTreeSet<_> = rows.iter().map(|row| row.text(3)).collect();
    let first = rows.first();
    let only = if first.is_some_and(|row| row.text(2) == "p") { "" } else { "ONLY " };
    let key = first.map(|row| row.text(5)).unwrap_or_default();
    let columns: Vec<_> = columns.into_iter().collect();
    let question = |filter: &str| {
        format!(
            "SELECT count(*), coalesce(sum(hashtextextended(ROW({key})::text, 0)), 0), \
             coalesce(sum(hashtextextended(ROW({key}, {})::text, 0)), 0) FROM {only}{table}{filter}",
            columns.join(", ")
        )
    };
    // A subscription takes what any of its publications lets through.
    let filter = match filters.contains("") {
        true => String::new(),
        false => format!(" WHERE ({})", filters.into_iter().collect::<Vec<_>>().join(") OR (")),
    };
    let (here, there) = (question(&filter), question(""));
    RewrittenTable { table: table.to_owned(), columns, here, there }
}

fn differs(step: &Step<'_>, table: &str, columns: &[String], node: &str) -> Error {
    let columns: Vec<_> = columns.iter().map(|column| format!("`{column}`")).collect();
    let what = match columns.is_empty() {
        true => table.to_owned(),
        false => format!("{} of {table}", columns.join(", ")),
    };
    let message = format!("{what} would hold other values on node `{node}` than on the publisher");
    let (version, bundle) = (step.patch.version(), step.bundle.name());
    Error::new(ErrorKind::Unsupported, message)
        .at(place_at(step, 0))
        .note(format!("patch `{version}` of `{bundle}` rewrites the rows, on each node by itself"))
        .help(
            "let the expression give the same everywhere and each time; or add another column, fill it with an UPDATE, which is \
             replicated, and drop the old one in a later patch",
        )
}
