use std::collections::BTreeSet;

use embed_migrate_core::{Result, Step, quote};

use super::logical_replication::LogicalReplication;
use super::side_connection::{SideConnection, TextRow};
use super::slots::Subscribers;

const PUBLISHED: &str = "SELECT quote_ident(t.schemaname) || '.' || quote_ident(t.tablename) FROM pg_publication_tables AS t \
    WHERE t.pubname IN ({publications}) AND t.schemaname <> {own}";

const FOLLOWED: &str = "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_subscription_rel AS r \
    JOIN pg_subscription AS s ON s.oid = r.srsubid JOIN pg_class AS c ON c.oid = r.srrelid \
    JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE s.subname = {name} \
    AND s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())";

/// The tables whose rows no publication sends. Rows of a partition may be published as its own or as those of a table
/// that it is a part of; a partitioned table has none of its own, and stands for its partitions if none of them is
/// published.
const UNPUBLISHED: &str = "WITH tables AS MATERIALIZED (SELECT c.oid, c.relkind, c.relispartition, coalesce(pg_partition_root(c.oid), c.oid) AS root, \
    quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', {own})), \
    published AS MATERIALIZED (SELECT t.oid, t.root FROM tables AS t WHERE t.name IN ({published})), \
    said AS MATERIALIZED (SELECT p.oid FROM tables AS p WHERE p.oid IN (SELECT r.prrelid FROM pg_publication_rel AS r \
    JOIN pg_publication AS b ON b.oid = r.prpubid WHERE b.pubname IN ({publications})) \
    OR EXISTS (SELECT FROM pg_publication AS b WHERE b.puballtables AND b.pubname IN ({publications})){schemas}), \
    bare AS (SELECT t.* FROM tables AS t WHERE t.oid NOT IN (SELECT oid FROM published) AND t.oid NOT IN (SELECT oid FROM said) \
    AND (t.relkind = 'r' OR NOT EXISTS (SELECT FROM pg_inherits AS h WHERE h.inhparent = t.oid)) \
    AND NOT (t.relispartition AND EXISTS (SELECT FROM pg_partition_ancestors(t.oid) AS a \
    WHERE a.relid IN (SELECT oid FROM published) OR a.relid IN (SELECT oid FROM said)))) \
    SELECT DISTINCT t.name FROM bare AS b JOIN tables AS t ON t.oid = \
    CASE WHEN b.root IN (SELECT root FROM published) THEN b.oid ELSE b.root END ORDER BY 1";

/// Whole schemas can be published since PostgreSQL 15.
const SCHEMAS: &str = " OR p.oid IN (SELECT c.oid FROM pg_class AS c JOIN pg_publication_namespace AS s ON s.pnnspid = c.relnamespace \
    JOIN pg_publication AS b ON b.oid = s.pnpubid WHERE b.pubname IN ({publications}))";

impl Subscribers<'_, '_> {
    /// The tables that these publications have, but for the history's.
    pub(super) async fn published(&self, publications: &[String]) -> Result<BTreeSet<String>> {
        let names: Vec<_> = publications.iter().map(|name| quote::literal(name)).collect();
        let sql = question(&names.join(", "), &self.publisher.context.schema.name);
        set(self.publisher.ask("looking at the publications", &sql).await?)
    }
}

impl LogicalReplication<'_> {
    /// The same within the publisher's open transaction.
    pub(super) async fn published_then(
        &self,
        step: &Step<'_>,
        publications: &[String],
    ) -> Result<BTreeSet<String>> {
        let names: Vec<_> = publications.iter().map(|name| quote::literal(name)).collect();
        let sql = question(&names.join(", "), &self.publisher.context.schema.name);
        set(self.node_set.origin.ask(step, &sql).await?)
    }

    /// The publisher's tables that none of the publications has which the nodes subscribe to.
    pub(super) async fn unpublished(&self) -> Result<BTreeSet<String>> {
        let mut publications = BTreeSet::new();
        for node in &self.nodes {
            let subscriptions = self.subscriptions(node).await?;
            publications.extend(subscriptions.into_iter().flat_map(|it| it.publications));
        }
        let publications: Vec<_> = publications.into_iter().collect();
        let published = self.subscribers().published(&publications).await?;
        let list = |names: Vec<String>| match names.is_empty() {
            true => "NULL".to_owned(),
            false => names.join(", "),
        };
        let sql = "SELECT to_regclass('pg_publication_namespace') IS NOT NULL";
        let asked = self.publisher.ask("looking at the publications", sql).await?;
        let schemas = if asked.first().is_some_and(|row| row.is(0)) { SCHEMAS } else { "" };
        let sql = UNPUBLISHED
            .replace("{schemas}", schemas)
            .replace("{own}", &quote::literal(&self.publisher.context.schema.name))
            .replace("{published}", &list(published.iter().map(|name| quote::literal(name)).collect()))
            .replace("{publications}", &list(publications.iter().map(|name| quote::literal(name)).collect()));
        set(self.publisher.ask("looking for tables", &sql).await?)
    }

    /// What to say of tables that are new and that nobody publishes.
    pub(super) async fn new_tables(&self, before: &BTreeSet<String>) -> Result<Vec<String>> {
        let now = self.unpublished().await?;
        let note = |table: &String| {
            format!(
                "the new table {table} is in no publication that is subscribed to, so its rows are not replicated; a patch \
                 may say so: `ALTER PUBLICATION … ADD TABLE {table}`"
            )
        };
        Ok(now.difference(before).map(note).collect())
    }
}

impl SideConnection<'_> {
    /// The tables that a subscription follows.
    pub(super) async fn followed(&self, subscription: &str) -> Result<BTreeSet<String>> {
        let sql = FOLLOWED.replace("{name}", &quote::literal(subscription));
        set(self.ask("looking at the subscriptions", &sql).await?)
    }
}

fn question(publications: &str, own: &str) -> String {
    PUBLISHED.replace("{publications}", publications).replace("{own}", &quote::literal(own))
}

fn set(rows: Vec<TextRow>) -> Result<BTreeSet<String>> {
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}
