use embed_migrate_core::{Error, ErrorKind, History, Result, quote, resolve_within};
use tokio_postgres::error::SqlState;

use super::logical_replication::LogicalReplication;
use super::side_connection::SideConnection;
use crate::connection::rows::rows;
use crate::pipeline::record::EVENT;
use crate::pipeline::transaction_frame::Commit;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::query::query_error::QueryError;
use crate::report::event::Event;
use crate::report::report::are_pending;
use crate::run::context::RunContext;
use crate::session::lock::Lock;
use crate::session::session::Session;
use crate::topology::locked_node::{LockedNode, on};

const OWN_ROWS: &str = include_str!("own_rows.sql");
const STATEMENT: &str = include_str!("../../history/tables/statement.sql");
const CATALOG: &str = include_str!("../../history/tables/catalog.sql");

impl LockedNode<'_> {
    /// Makes all of the history's tables, and has them pass over the publisher's rows.
    pub(super) async fn keep_own_rows(&self) -> Result<()> {
        let (frame, schema) = (self.run.frame(&self.session), self.run.context.schema);
        let own = OWN_ROWS.replace("{name}", &quote::literal(&schema.quoted));
        let sql = format!(
            "{}{}{}{}{}{}{}",
            frame.begin(),
            frame.settings(Commit::Now, self.run.context.options.lock_timeout),
            schema.fill(EVENT),
            schema.fill(STATEMENT),
            schema.fill(CATALOG),
            schema.fill(&own),
            frame.commit()
        );
        let created = with_timeout(self.run.context.options, self.session.simple_query(&sql)).await;
        created.map(drop).map_err(|error| self.on(failure::own("making the history a node's own", error)))
    }
}

/// Refuses to change a subscriber by itself: its publisher's rows would not fit any more. It is one whose history a run
/// on several nodes made to be its own.
///
/// # Errors
///
/// `Standby` if patches are pending; or all reasons to refuse.
pub(crate) async fn refuse_follower(
    context: &RunContext<'_>,
    session: &Session,
    history: &History,
) -> Result<()> {
    let options = context.options;
    if history.applied.is_empty() || session.lock == Lock::None || options.topology.is_some() {
        return Ok(());
    }
    let plan = resolve_within(context.bundles, history, &options.targets, &options.limit)?;
    if plan.steps.is_empty() || !follows(context, session).await? {
        return Ok(());
    }
    let message = format!("this database follows a publisher, and {}", are_pending(plan.steps.len()));
    Err(Error::new(ErrorKind::Standby, message).help(
        "run against the publisher, with this one as a node (`--node NAME=URL`), or wait until that has been done;\n\
         if it is no longer a subscriber: `--topology single`",
    ))
}

async fn follows(context: &RunContext<'_>, session: &Session) -> Result<bool> {
    let sql = format!(
        "SELECT 1 FROM pg_catalog.pg_class AS c \
         JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace \
         JOIN pg_catalog.pg_trigger AS t ON t.tgrelid OPERATOR(pg_catalog.=) c.oid \
         WHERE c.relname OPERATOR(pg_catalog.=) 'patch' AND n.nspname OPERATOR(pg_catalog.=) {} \
         AND t.tgname OPERATOR(pg_catalog.=) 'own_rows'",
        quote::literal(&context.schema.name)
    );
    let asked = with_timeout(context.options, session.simple_query(&sql)).await;
    Ok(rows(&asked.map_err(|error| failure::own("asking whether the database follows another", error))?)
        .next()
        .is_some())
}

impl LogicalReplication<'_> {
    /// Adds the newly published tables to the subscriptions, and waits until the subscribers have their rows.
    ///
    /// # Errors
    ///
    /// `Permission` if another role owns the subscription, with the command for its owner.
    pub(super) async fn refresh(&self) -> Result<()> {
        for node in &self.nodes {
            for subscription in self.subscriptions(node).await? {
                let published = self.subscribers().published(&subscription.publications).await?;
                let followed = node.followed(&subscription.name).await?;
                if published.is_subset(&followed) {
                    continue;
                }
                let sql = format!(
                    "ALTER SUBSCRIPTION {} REFRESH PUBLICATION",
                    quote::identifier(&subscription.name)
                );
                node.context.options.tell(&Event::Node { name: node.name.clone() });
                node.context.options.tell(&Event::statement(&sql));
                let missing: Vec<_> = published.difference(&followed).map(String::as_str).collect();
                let sent = node.send(&sql).await;
                sent.map_err(|error| refused(node, &subscription.name, &missing, &sql, error))?;
            }
        }
        self.wait_until_current().await
    }
}

fn refused(node: &SideConnection<'_>, name: &str, missing: &[&str], sql: &str, error: QueryError) -> Error {
    let foreign = error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE);
    let error = on(&node.name, failure::own("adding new tables to a subscription", error)).note(format!(
        "all nodes have all patches; the subscription `{name}` does not follow {} yet",
        missing.join(", ")
    ));
    match foreign {
        true => error.help(format!("the subscription's owner must run `{sql}` there; then run again")),
        false => error,
    }
}
