use std::collections::BTreeSet;

use embed_migrate_core::{Error, ErrorKind, Result, Step, quote};

use super::logical_replication::LogicalReplication;
use super::side_connection::SideConnection;
use super::slots::{Subscribers, Subscription};
use crate::pipeline::patch_failure::place_at;

/// Subscriptions have phases since PostgreSQL 15.
const KNOWN: &str = "SELECT 1 FROM pg_attribute WHERE attrelid = 'pg_subscription'::regclass AND attname = 'subtwophasestate'";

/// Those that are asked for two phases get them as soon as their tables are copied.
const TWO: &str = "SELECT s.subname FROM pg_subscription AS s WHERE s.subtwophasestate <> 'd' \
    AND s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())";

impl Subscribers<'_, '_> {
    /// Each node's subscriptions to the publisher.
    pub(super) async fn subscribed(&self) -> Result<Vec<Vec<Subscription>>> {
        let mut nodes = Vec::new();
        for node in self.nodes {
            let (two, mut subscriptions) = (node.two_phased().await?, self.subscriptions(node).await?);
            subscriptions.iter_mut().for_each(|it| it.two_phased = two.contains(&it.name));
            nodes.push(subscriptions);
        }
        Ok(nodes)
    }

    /// Succeeds if every subscription with two phases has all published tables: it could not add the others.
    ///
    /// # Errors
    ///
    /// `Unsupported`, with the subscription and a table.
    pub(super) async fn verify_phases(&self) -> Result<()> {
        for (node, subscriptions) in self.nodes.iter().zip(self.subscribed().await?) {
            for subscription in subscriptions.iter().filter(|it| it.two_phased) {
                let published = self.published(&subscription.publications).await?;
                let followed = node.followed(&subscription.name).await?;
                if let Some(table) = published.difference(&followed).next() {
                    return Err(wedged(node, subscription, table, "the table").help(format!(
                        "add it by hand, on that node, while nobody writes to it: `ALTER SUBSCRIPTION {} REFRESH PUBLICATION WITH \
                         (copy_data = false)`, and copy the rows that it has; {ANEW}",
                        quote::identifier(&subscription.name)
                    )));
                }
            }
        }
        Ok(())
    }
}

impl LogicalReplication<'_> {
    /// Refuses a patch that publishes a table to a subscription which can't take it up. To be asked while the publisher has
    /// it and has not committed.
    ///
    /// # Errors
    ///
    /// `Unsupported`, with the subscription and the table.
    pub(super) async fn one_phase(&self, step: &Step<'_>) -> Result<()> {
        for (node, subscriptions) in self.nodes.iter().zip(&self.subscribed) {
            for subscription in subscriptions.iter().filter(|it| it.two_phased) {
                let published = self.published_then(step, &subscription.publications).await?;
                let followed = node.followed(&subscription.name).await?;
                if let Some(table) = published.difference(&followed).next() {
                    let error = wedged(node, subscription, table, "the new table").at(place_at(step, 0));
                    return Err(error.help(format!("before this patch, {ANEW}")));
                }
            }
        }
        Ok(())
    }
}

impl SideConnection<'_> {
    /// The names of this node's subscriptions with two phases.
    async fn two_phased(&self) -> Result<BTreeSet<String>> {
        let doing = "looking at the subscriptions";
        if self.ask(doing, KNOWN).await?.is_empty() {
            return Ok(BTreeSet::new());
        }
        let rows = self.ask(doing, TWO).await?;
        Ok(rows.iter().map(|row| row.text(0).to_owned()).collect())
    }
}

const ANEW: &str = "create the subscription again without `two_phase`; since PostgreSQL 18: \
    `ALTER SUBSCRIPTION … SET (two_phase = false)` while it is disabled";

fn wedged(node: &SideConnection<'_>, subscription: &Subscription, table: &str, which: &str) -> Error {
    let message = format!(
        "the subscription `{}` of node `{}` has `two_phase` on, and can't add {which} {table}",
        subscription.name, node.name
    );
    Error::new(ErrorKind::Unsupported, message).note(
        "`REFRESH PUBLICATION` copies a table's first rows, which the server refuses for such a subscription",
    )
}
