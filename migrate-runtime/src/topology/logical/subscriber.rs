use std::collections::BTreeSet;

use migrate_core::{Error, ErrorKind, History, Result, quote, resolve_within};
use tokio_postgres::error::SqlState;

use super::replicated::Replicated;
use super::side::{Cells, Side};
use crate::ask::within;
use crate::errand::Errand;
use crate::event::Event;
use crate::failure;
use crate::history::rows;
use crate::record::EVENT;
use crate::script::Commit;
use crate::session::{Lock, Session};
use crate::topology::Member;
use crate::topology::member::on;

const OWN_ROWS: &str = include_str!("own_rows.sql");
const STATEMENT: &str = include_str!("../../history/statement.sql");
const CATALOG: &str = include_str!("../../history/catalog_table.sql");

impl Member<'_> {
    /// Makes all of the history's tables, and has them pass over the publisher's rows.
    pub(super) async fn keep_own_rows(&self) -> Result<()> {
        let (frame, schema) = (self.run.frame(&self.session), self.run.errand.schema);
        let own = OWN_ROWS.replace("{name}", &quote::literal(&schema.quoted));
        let sql = format!(
            "{}{}{}{}{}{}{}",
            frame.begin(),
            frame.settings(Commit::Now, self.run.errand.options.lock_timeout),
            schema.fill(EVENT),
            schema.fill(STATEMENT),
            schema.fill(CATALOG),
            schema.fill(&own),
            frame.commit()
        );
        let made = within(self.run.errand.options, self.session.simple_query(&sql)).await;
        made.map(drop).map_err(|error| self.on(failure::own("making the history a node's own", error)))
    }
}

/// Refuses to change a subscriber by itself: its publisher's rows would not fit any more. It is one whose history a run
/// on several nodes made to be its own.
///
/// # Errors
///
/// `Standby` where patches are pending; or all reasons to refuse.
pub(crate) async fn refuse_follower(errand: &Errand<'_>, session: &Session, history: &History) -> Result<()> {
    let options = errand.options;
    if history.applied.is_empty() || session.lock == Lock::None || options.topology.is_some() {
        return Ok(());
    }
    let plan = resolve_within(errand.bundles, history, &options.targets, &options.limit)?;
    if plan.steps.is_empty() || !follows(errand, session).await? {
        return Ok(());
    }
    let message = format!("this database follows a publisher, and {} patches are pending", plan.steps.len());
    Err(Error::new(ErrorKind::Standby, message).help(
        "run against the publisher, with this one as a node (`--node NAME=URL`), or wait until somebody did;\n\
         if it follows nobody any more, say so: `--topology single`",
    ))
}

async fn follows(errand: &Errand<'_>, session: &Session) -> Result<bool> {
    let sql = format!(
        "SELECT 1 FROM pg_catalog.pg_class AS c \
         JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         JOIN pg_catalog.pg_trigger AS t ON t.tgrelid OPERATOR(pg_catalog.=) c.oid \
         WHERE c.relname OPERATOR(pg_catalog.=) 'patch' AND n.nspname OPERATOR(pg_catalog.=) {} \
         AND t.tgname OPERATOR(pg_catalog.=) 'own_rows'",
        quote::literal(&errand.schema.name)
    );
    let asked = within(errand.options, session.simple_query(&sql)).await;
    Ok(rows(&asked.map_err(|error| failure::own("asking whether the database follows another", error))?)
        .next()
        .is_some())
}

const TABLES: &str = "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) \
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence = 'p' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";

impl Replicated<'_> {
    /// Has the subscribers take up the tables that are published since, and waits until they have their rows.
    ///
    /// # Errors
    ///
    /// `Permission` where the subscription is somebody else's, with the command that its owner is to run.
    pub(super) async fn refresh(&self) -> Result<()> {
        for node in &self.nodes {
            for subscription in self.subscriptions(node).await? {
                let published = self.published(&subscription.publications).await?;
                let followed = node.followed(&subscription.name).await?;
                if published.is_subset(&followed) {
                    continue;
                }
                let sql = format!(
                    "ALTER SUBSCRIPTION {} REFRESH PUBLICATION",
                    quote::identifier(&subscription.name)
                );
                node.errand.options.tell(&Event::Node { name: node.name.clone() });
                node.errand.options.tell(&Event::statement(&sql));
                node.send(&sql).await.map_err(|error| refused(node, &sql, error))?;
            }
        }
        self.settled().await
    }

    /// The tables that these publications have, but for the history's.
    async fn published(&self, publications: &[String]) -> Result<BTreeSet<String>> {
        let names: Vec<_> = publications.iter().map(|name| quote::literal(name)).collect();
        let sql = format!(
            "SELECT quote_ident(t.schemaname) || '.' || quote_ident(t.tablename) FROM pg_publication_tables AS t \
             WHERE t.pubname IN ({}) AND t.schemaname <> {}",
            names.join(", "),
            quote::literal(&self.publisher.errand.schema.name),
        );
        set(self.publisher.ask("looking at the publications", &sql).await?)
    }

    /// The publisher's tables that none of the publications has which the nodes subscribe to.
    pub(super) async fn unpublished(&self) -> Result<BTreeSet<String>> {
        let mut published = BTreeSet::new();
        for node in &self.nodes {
            for subscription in self.subscriptions(node).await? {
                published.extend(self.published(&subscription.publications).await?);
            }
        }
        let own = quote::literal(&self.publisher.errand.schema.name);
        let sql = format!("{TABLES} AND n.nspname <> {own}");
        let tables = set(self.publisher.ask("looking for tables", &sql).await?)?;
        Ok(tables.difference(&published).cloned().collect())
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

impl Side<'_> {
    /// The tables that a subscription follows.
    async fn followed(&self, subscription: &str) -> Result<BTreeSet<String>> {
        let sql = format!(
            "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_subscription_rel AS r \
             JOIN pg_subscription AS s ON s.oid = r.srsubid JOIN pg_class AS c ON c.oid = r.srrelid \
             JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE s.subname = {} \
             AND s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())",
            quote::literal(subscription)
        );
        set(self.ask("looking at the subscriptions", &sql).await?)
    }
}

fn set(rows: Vec<Cells>) -> Result<BTreeSet<String>> {
    Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
}

fn refused(node: &Side<'_>, sql: &str, error: tokio_postgres::Error) -> Error {
    let foreign = error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE);
    let error = on(&node.name, failure::own("having a subscriber take up new tables", error));
    match foreign {
        true => error.help(format!("have the subscription's owner run `{sql}` there, and run again")),
        false => error,
    }
}
