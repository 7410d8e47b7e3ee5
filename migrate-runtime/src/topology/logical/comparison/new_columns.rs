use std::collections::HashMap;

use embed_migrate_core::{Error, ErrorKind, Result, Step, quote};

use crate::pipeline::patch_failure::place_at;
use crate::topology::locked_node::LockedNode;
use crate::topology::logical::logical_replication::LogicalReplication;
use crate::topology::logical::side_connection::TextRow;

/// The columns that this transaction wrote, of tables that hold rows: what rows of before have there, unless each of them
/// holds it itself, because the table was rewritten, or none does, because the default gives nothing.
const COLUMNS: &str = "SELECT c.oid, quote_ident(n.nspname) || '.' || quote_ident(c.relname), a.attname, a.attnum, (a.attmissingval::text::text[])[1], \
    (a.atthasdef OR a.attidentity <> '') AND NOT a.atthasmissing AND a.attgenerated = '' \
    FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE age(a.xmin) <= age(pg_current_xact_id()::xid) AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0 AND a.attnum > 0 AND NOT a.attisdropped \
    AND n.nspname !~ '^pg_(toast|temp)' AND n.nspname <> {own} ORDER BY 2, 4";

/// What the rows of a table hold in a column, if it is not known from the catalog.
const HELD: &str = "SELECT min({column}::text), \
    coalesce(min({column}::text) <> max({column}::text), false) OR count({column}) NOT IN (0, count(*)) FROM ONLY {table}";

/// A column that a patch adds to a table that was there before it.
struct AddedColumn {
    table: String,
    column: String,
    held: ColumnValues,
}

/// What rows of before have in it.
#[derive(PartialEq, Eq)]
enum ColumnValues {
    /// All the same; nothing, if it is null.
    Same(Option<String>),
    /// A value of its own each, which the server made one by one.
    PerRow,
}

impl LogicalReplication<'_> {
    /// Refuses a patch whose new columns hold other values on a subscriber than here: what rows of before get from a
    /// default is not replicated. To be asked while all have the patch and nobody has committed.
    ///
    /// # Errors
    ///
    /// `Unsupported`, with the column.
    pub(in crate::topology::logical) async fn check_new_columns(
        &self,
        step: &Step<'_>,
        parked: &[bool],
    ) -> Result<()> {
        let added = self.added(step).await?;
        if let Some(added) = added.iter().find(|added| added.held == ColumnValues::PerRow) {
            return Err(differs(step, added, "each row gets a value of its own"));
        }
        if added.is_empty() {
            return Ok(());
        }
        for (node, _) in self.node_set.nodes.iter().zip(parked).filter(|(_, parked)| **parked) {
            let there = node.written(step).await?;
            let there: HashMap<_, _> = there.iter().map(|row| ((row.text(1), row.text(2)), row)).collect();
            for added in &added {
                let Some(row) = there.get(&(added.table.as_str(), added.column.as_str())) else { continue };
                if node.held(step, row).await? != added.held {
                    return Err(differs(step, added, "its default is not the same at every time and place"));
                }
            }
        }
        Ok(())
    }

    async fn added(&self, step: &Step<'_>) -> Result<Vec<AddedColumn>> {
        let written = self.node_set.origin.written(step).await?;
        if written.is_empty() {
            return Ok(Vec::new());
        }
        // Who did not take part in the transaction sees the tables as they were.
        let numbers: Vec<_> = written.iter().map(|row| quote::literal(row.text(0))).collect();
        let sql = format!("SELECT oid, relnatts FROM pg_class WHERE oid IN ({})", numbers.join(", "));
        let before = self.publisher.ask("looking at the tables that a patch changes", &sql).await?;
        let number = |text: &str| text.parse::<i32>().unwrap_or_default();
        let before: HashMap<_, _> = before.iter().map(|row| (row.text(0), number(row.text(1)))).collect();
        let is_added =
            |row: &&TextRow| before.get(row.text(0)).is_some_and(|last| number(row.text(3)) > *last);
        let mut added = Vec::new();
        for row in written.iter().filter(is_added) {
            let (table, column) = (row.text(1).to_owned(), row.text(2).to_owned());
            added.push(AddedColumn { table, column, held: self.node_set.origin.held(step, row).await? });
        }
        Ok(added)
    }
}

impl LockedNode<'_> {
    /// The columns that the open transaction wrote.
    async fn written(&self, step: &Step<'_>) -> Result<Vec<TextRow>> {
        let own = quote::literal(&self.run.context.schema.name);
        self.ask(step, &COLUMNS.replace("{own}", &own)).await
    }

    /// What the rows of before hold in one of them.
    async fn held(&self, step: &Step<'_>, row: &TextRow) -> Result<ColumnValues> {
        if !row.is(5) {
            return Ok(ColumnValues::Same(row.get(4).map(str::to_owned)));
        }
        let sql = HELD.replace("{table}", row.text(1)).replace("{column}", &quote::identifier(row.text(2)));
        let held = self.ask(step, &sql).await?;
        Ok(match held.first() {
            Some(row) if row.is(1) => ColumnValues::PerRow,
            held => ColumnValues::Same(held.and_then(|row| row.get(0)).map(str::to_owned)),
        })
    }
}

fn differs(step: &Step<'_>, added: &AddedColumn, why: &str) -> Error {
    let AddedColumn { table, column, .. } = added;
    let message = format!(
        "the new column `{column}` of {table} would hold other values on the publisher than on its subscribers"
    );
    Error::new(ErrorKind::Unsupported, message).at(place_at(step, 0)).note(why).help(
        "add the column without a default, fill it with an UPDATE in a later patch, which is replicated, and set the default \
         then",
    )
}
