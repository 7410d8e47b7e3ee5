use std::time::{Duration, Instant};

use embed_migrate_core::recover::{ObjectState, Verdict, decide};
use embed_migrate_core::{Class, Error, Result};

use super::concurrent_patch::ConcurrentPatch;
use super::patch_statement::PatchStatement;
use super::started_statement::StartedStatement;
use crate::pipeline::outside_transaction::StatementFailure;
use crate::pipeline::script::Script;
use crate::query::failure;
use crate::report::event::Event;

/// The state of a started statement after its recovery.
#[derive(PartialEq, Eq)]
pub(super) enum RecoveryOutcome {
    Done,
    Gone,
}

/// How often a living builder is looked at.
const BUILDER: Duration = Duration::from_millis(500);

impl ConcurrentPatch<'_> {
    /// Finds out what became of a started statement, and runs it if it is not done.
    pub(super) async fn resume(
        &self,
        part: &PatchStatement<'_>,
        begun: Option<&StartedStatement>,
        class: Class,
    ) -> Result<()> {
        let mut now = self.look(part).await?;
        let Some(begun) = begun else { return self.alone(part, now, class).await };
        let before = begun.before.clone().unwrap_or_default();
        if self.settle(&before, &mut now, part, class, Some(begun)).await? == RecoveryOutcome::Done {
            return self.write(&self.frame.after(self.step, part)).await;
        }
        self.alone(part, now, class).await
    }

    /// Sweeps up and waits until the statement is either done or as if it had never been started.
    pub(super) async fn settle(
        &self,
        before: &ObjectState,
        now: &mut ObjectState,
        part: &PatchStatement<'_>,
        class: Class,
        begun: Option<&StartedStatement>,
    ) -> Result<RecoveryOutcome> {
        let since = Instant::now();
        loop {
            match decide(class, before, now) {
                Verdict::Done => return self.settled(before, now, RecoveryOutcome::Done).await,
                Verdict::Run => return self.settled(before, now, RecoveryOutcome::Gone).await,
                Verdict::Clean(sweeps) => {
                    for sweep in sweeps {
                        self.sweep(&sweep).await?;
                    }
                }
                Verdict::Wait(pid) if since.elapsed() < self.options().lock_wait => {
                    self.options().tell(&Event::Building { pid, waited: since.elapsed() });
                    tokio::time::sleep(BUILDER).await;
                }
                Verdict::Wait(pid) => return Err(self.builds(pid)),
                Verdict::Unknown(why) => return Err(self.unknown(part, why, begun)),
            }
            *now = self.look(part).await?;
        }
    }

    /// Notes what stays that we may not drop.
    async fn settled(
        &self,
        before: &ObjectState,
        now: &ObjectState,
        settled: RecoveryOutcome,
    ) -> Result<RecoveryOutcome> {
        let known = |object: u32| before.leftovers.iter().any(|(known, _)| *known == object);
        let stays = now.leftovers.iter().filter(|(object, name)| name.is_empty() && !known(*object));
        for (object, _) in stays {
            let detail = format!(
                "index {object} of a TOAST table was left half built, and only a superuser may drop it: \
                 SELECT pg_catalog.format('DROP INDEX CONCURRENTLY %s', {object}::pg_catalog.regclass)"
            );
            self.write(&self.frame.noticed(self.step, "noticed", &detail)).await?;
        }
        Ok(settled)
    }

    /// Removes what an interrupted statement left half done.
    async fn sweep(&self, sql: &str) -> Result<()> {
        let mut tries = 0;
        loop {
            self.options().tell(&Event::statement(sql));
            match self.outside(Class::DropIndex, "", "", &Script::around(sql, "", "", 0)).await? {
                Ok(()) => return Ok(()),
                Err(broken) if self.may_pass(&broken, tries) => self.pause(broken.blockers, &mut tries).await,
                Err(StatementFailure { error, blockers }) => {
                    let error = failure::own("removing an incomplete result", error)
                        .context(format!("while executing: {sql}"));
                    let held = |error: Error, holder| error.note(format!("the lock is held by {holder}"));
                    return Err(blockers.iter().fold(error, held));
                }
            }
        }
    }
}
