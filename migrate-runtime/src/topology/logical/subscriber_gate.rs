use std::collections::{BTreeMap, BTreeSet};

use embed_migrate_core::{Result, quote};

use super::logical_replication::LogicalReplication;
use super::side_connection::TextRow;

/// How the subscribers are kept from taking a patch's rows before they have its tables.
///
/// A subscriber that has carried out a patch and not committed it locks its own `migrate.patch`. If the publisher's
/// transaction begins with a row of that table, the subscriber waits there with all that comes in that transaction and
/// after it. A publication that does not have `migrate.patch` is given it for this one row: within the patch's own
/// transaction, so that nobody else sees it there.
#[derive(Default)]
pub(super) struct SubscriberGate {
    /// The publications that are given the history's table.
    lent: BTreeSet<String>,
    /// The publications of subscriptions that nothing holds back, because the role owns none of them.
    pub(super) open: BTreeSet<String>,
}

/// The publications that send new rows: whether they have the history's table, and whether the role may add it.
const PUBLICATIONS: &str = "SELECT p.pubname, EXISTS (SELECT FROM pg_publication_tables AS t \
    WHERE t.pubname = p.pubname AND t.schemaname = {schema} AND t.tablename = 'patch'), \
    pg_has_role({role}::name, p.pubowner, 'USAGE') AND pg_has_role({role}::name, c.relowner, 'USAGE') \
    FROM pg_publication AS p CROSS JOIN pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE p.pubinsert AND p.pubname IN ({publications}) AND n.nspname = {schema} AND c.relname = 'patch'";

impl SubscriberGate {
    /// The history's row, as subscribers get it.
    pub(super) fn around(&self, row: &str, schema: &str) -> String {
        let each = |verb: &str| -> String {
            let names = self.lent.iter().map(|name| quote::identifier(name));
            names
                .map(|name| format!("ALTER PUBLICATION {name} {verb} TABLE ONLY {schema}.patch;\n"))
                .collect()
        };
        format!("{}{row}{}", each("ADD"), each("DROP"))
    }

    /// Has one of a subscription's publications send the history's row.
    fn add(&mut self, known: &[(&String, &TextRow)]) {
        if known.iter().any(|(name, row)| row.is(1) || self.lent.contains(*name)) {
            return;
        }
        match known.iter().find(|(_, row)| row.is(2)) {
            Some((name, _)) => drop(self.lent.insert((*name).clone())),
            None => self.open.extend(known.iter().map(|(name, _)| (*name).clone())),
        }
    }
}

impl LogicalReplication<'_> {
    /// Finds out which publications have to be given the history's row.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub(super) async fn gate(&self) -> Result<SubscriberGate> {
        let context = self.publisher.context;
        let names = self.publications();
        if names.is_empty() {
            return Ok(SubscriberGate::default());
        }
        let role = context.options.role.as_deref().map_or("current_user".to_owned(), quote::literal);
        let sql = PUBLICATIONS
            .replace("{schema}", &quote::literal(&context.schema.name))
            .replace("{role}", &role)
            .replace("{publications}", &names);
        let rows = self.publisher.ask("looking at the publications", &sql).await?;
        let rows: BTreeMap<&str, &TextRow> = rows.iter().map(|row| (row.text(0), row)).collect();
        let mut gate = SubscriberGate::default();
        for subscription in self.subscribed.iter().flatten() {
            let names = subscription.publications.iter();
            let known: Vec<_> = names.filter_map(|name| Some((name, *rows.get(name.as_str())?))).collect();
            gate.add(&known);
        }
        Ok(gate)
    }

    /// The publications that nodes subscribe to, as SQL lists them.
    pub(super) fn publications(&self) -> String {
        let names = self.subscribed.iter().flatten().flat_map(|subscription| &subscription.publications);
        let names: BTreeSet<_> = names.map(|name| quote::literal(name)).collect();
        names.into_iter().collect::<Vec<_>>().join(", ")
    }
}
