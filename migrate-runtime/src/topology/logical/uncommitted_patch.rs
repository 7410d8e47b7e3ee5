use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use embed_migrate_core::{Error, ErrorKind, Result, Step, quote};
use futures_util::FutureExt;
use futures_util::future::join_all;

use super::logical_replication::LogicalReplication;
use super::side_connection::SideConnection;
use crate::connection::rows::rows;
use crate::history::schema::array;
use crate::query::ask::{ask, with_timeout};
use crate::query::failure;
use crate::report::patch_status::PatchStatus;
use crate::session::server_process::{ServerProcess, started};
use crate::topology::locked_node::{LockedNode, on};

/// How often is looked whether a process has ended.
const LOOK: Duration = Duration::from_millis(50);

/// A patch of which the nodes have done all but its commit.
#[derive(Default)]
pub(super) struct UncommittedPatch<'a> {
    /// As the publisher has it; `None` if it had it before.
    pub(super) publisher: Option<Step<'a>>,
    /// Which of the nodes take part.
    pub(super) nodes: Vec<bool>,
    /// The slots of subscriptions that the publisher's commit would wait for.
    pub(super) slots: BTreeSet<String>,
    /// How long the publisher's standbys may keep the nodes waiting.
    pub(super) limit: Duration,
}

impl LogicalReplication<'_> {
    /// Commits it, on the publisher first. Once that one has it, the others are to have it too, whatever goes wrong: they
    /// could not take the publisher's rows without it.
    ///
    /// # Errors
    ///
    /// All that went wrong.
    pub(super) async fn commit(&mut self, step: &Step<'_>, parked: UncommittedPatch<'_>) -> Result<()> {
        let mut problems = Vec::new();
        if let Some(first) = &parked.publisher {
            match self.node_set.origin.commit(first).await {
                Ok(()) => problems.extend(self.standbys_have_it(&parked).await.err()),
                // The commit may have come there, and only its answer not come here.
                Err(error) => {
                    let error = self.publisher.ended(&self.node_set.origin, error).await;
                    if !self.publisher.has(first).await.is_ok_and(|has| has) {
                        return Err(error);
                    }
                    self.node_set.origin.run.applied.push(PatchStatus::applied(*first));
                    problems.push(error);
                }
            }
            self.synchrony.slots.extend(parked.slots);
        }
        let nodes = self.node_set.nodes.iter_mut().zip(&self.nodes).zip(&parked.nodes);
        let committed = nodes.filter(|(_, parks)| **parks).map(|((node, side), _)| {
            let committed = async move {
                match node.commit(step).await {
                    Ok(()) => Ok(()),
                    Err(error) => Err(side.ended(node, error).await),
                }
            };
            committed.boxed()
        });
        problems.extend(join_all(committed).await.into_iter().filter_map(Result::err));
        if let Some(error) = Error::all(problems) {
            return Err(error);
        }
        let read = self.members_mut().map(|member| member.reread().boxed());
        Error::all(join_all(read).await.into_iter().filter_map(Result::err)).map_or(Ok(()), Err)
    }

    /// An error, with a note which nodes have the patch. The note is added if the error does not show it: a node that
    /// gives no answer may have committed.
    pub(super) async fn note_who_has(&self, step: &Step<'_>, error: Error) -> Error {
        let sides = || [&self.publisher].into_iter().chain(&self.nodes);
        let found = join_all(sides().map(|side| side.has(step).boxed())).await;
        if error.kind() != ErrorKind::Connect && !found.iter().any(|has| matches!(has, Ok(true))) {
            return error;
        }
        let reported = sides().zip(found).enumerate().map(|(number, (side, has))| {
            let who = if number == 0 { "the publisher".to_owned() } else { format!("node `{}`", side.name) };
            match has {
                Ok(true) => format!("{who} has it"),
                Ok(false) => format!("{who} does not have it"),
                Err(_) => format!("{who} gives no answer"),
            }
        });
        let reported = reported.collect::<Vec<_>>().join(", ");
        error.note(format!("patch `{}` of `{}`: {reported}", step.patch.version(), step.bundle.name()))
    }
}

impl SideConnection<'_> {
    /// Ends the process that was to commit on a node and did not answer in time: a commit that is still on its way can't come after
    /// it was said what the node has. The error gets a note if the process continues.
    async fn ended(&self, node: &LockedNode<'_>, error: Error) -> Error {
        if error.kind() != ErrorKind::Connect {
            return error;
        }
        let ServerProcess { pid, server, .. } = &node.session.server.worker;
        let sql = format!(
            "SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity AS a WHERE a.pid = {pid} AND {} = {}",
            started!(),
            quote::literal(server)
        );
        let limit = self.context.options.answer_timeout;
        let since = Instant::now();
        loop {
            match self.ask("ending a session that does not answer", &sql).await {
                Ok(rows) if rows.is_empty() => return error,
                Ok(_) if limit.is_zero() || since.elapsed() < limit => tokio::time::sleep(LOOK).await,
                Ok(_) | Err(_) => {
                    return error.note(format!(
                        "the server process {pid} may still commit the patch; if it does, the next run applies it on the other nodes"
                    ));
                }
            }
        }
    }

    /// Whether the node has a patch.
    async fn has(&self, step: &Step<'_>) -> Result<bool> {
        let sql = format!(
            "SELECT 1 FROM {}.patch AS p WHERE p.bundle OPERATOR(pg_catalog.=) {} AND p.version OPERATOR(pg_catalog.=) {} \
             AND p.ended_at IS NOT NULL",
            self.context.schema.quoted,
            quote::literal(step.bundle.name()),
            array(step.patch.version()),
        );
        let asked = ask(self.client(), self.context.options, &sql).await;
        let messages = asked.map_err(|error| on(&self.name, failure::own("reading the history", error)))?;
        Ok(rows(&messages).next().is_some())
    }
}

impl LockedNode<'_> {
    /// Commits a patch. The transaction waits for no standby, and has found nothing to complain of.
    ///
    /// # Errors
    ///
    /// The server does not answer in time; then it may have it.
    pub(super) async fn commit(&mut self, step: &Step<'_>) -> Result<()> {
        let committed = with_timeout(self.run.context.options, self.session.simple_query("COMMIT")).await;
        self.session.busy = false;
        committed.map_err(|error| self.on(failure::own("committing a patch", error)))?;
        self.run.applied.push(PatchStatus::applied(*step));
        Ok(())
    }
}
