use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use embed_migrate_core::{ErrorKind, Result, quote};

use super::logical_replication::LogicalReplication;
use super::uncommitted_patch::UncommittedPatch;
use crate::report::event::Event;
use crate::session::synchronous_standby::{TELL_AFTER, confirmed};

/// The slots whose readers are synchronous, or may be: a role without `pg_monitor` does not see it, a reader that is away
/// may come back as one, and one that is there may not have read yet that it is.
pub(crate) const SLOTS: &str = "SELECT s.slot_name FROM pg_replication_slots AS s \
    LEFT JOIN pg_stat_replication AS r ON r.pid = s.active_pid WHERE s.slot_type = 'logical' \
    AND current_setting('synchronous_standby_names') <> '' AND current_setting('synchronous_commit') NOT IN ('off', 'local') \
    AND (r.sync_state IS DISTINCT FROM 'async' OR strpos(current_setting('synchronous_standby_names'), '*') > 0 \
    OR strpos(lower(current_setting('synchronous_standby_names')), lower(r.application_name)) > 0) ORDER BY s.slot_name";

/// The physical standbys that a commit waits for and that have not got it.
pub(crate) const STANDBYS: &str = "SELECT r.application_name FROM pg_stat_replication AS r \
    LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid \
    WHERE coalesce(s.slot_type, 'physical') = 'physical' AND r.sync_state IN ('sync', 'quorum') \
    AND (r.flush_lsn < {lsn}::pg_lsn) IS NOT FALSE";

pub(crate) const LOOK: Duration = Duration::from_millis(5);

pub(crate) const LOOK_MOST: Duration = Duration::from_millis(50);

impl LogicalReplication<'_> {
    /// Finds out whether the publisher's commits wait for subscribers.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub(super) async fn synchronous_slots(&self) -> Result<BTreeSet<String>> {
        let rows = self.publisher.ask("looking for synchronous subscriptions", SLOTS).await?;
        let slots = self.slots.iter().map(|slot| &slot.name);
        Ok(slots.filter(|slot| rows.iter().any(|row| row.text(0) == slot.as_str())).cloned().collect())
    }

    /// Waits until the publisher's synchronous standbys have what it committed, as the commit would have: before a
    /// subscriber commits what a standby that is promoted in that moment would not have. If they don't have it in time,
    /// the run continues, and reports it at its end.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub(super) async fn standbys_have_it(&mut self, parked: &UncommittedPatch<'_>) -> Result<()> {
        let synchronous = self.node_set.origin.session.server.synchronous || !parked.slots.is_empty();
        if !synchronous || self.synchrony.away {
            return Ok(());
        }
        let have = match parked.slots.is_empty() {
            true => self.confirmed_by_standbys(parked.limit).await?,
            // The server would wait for the subscriptions too.
            false => self.flushed_by_standbys(parked.limit).await?,
        };
        self.synchrony.away = !have;
        Ok(())
    }

    async fn confirmed_by_standbys(&self, limit: Duration) -> Result<bool> {
        let context = self.publisher.context;
        // Zero would be without end.
        let mut options = context.options.clone();
        options.answer_timeout = limit.max(LOOK);
        match confirmed(context.source, &options).await {
            Err(error) if error.kind() == ErrorKind::Node => Ok(false),
            confirmed => confirmed.map(|()| true),
        }
    }

    async fn flushed_by_standbys(&self, limit: Duration) -> Result<bool> {
        let asked =
            self.publisher.ask("looking how far the log is", "SELECT pg_current_wal_flush_lsn()").await?;
        let lsn = asked.first().map(|row| row.text(0)).unwrap_or_default();
        let sql = STANDBYS.replace("{lsn}", &quote::literal(lsn));
        let (since, mut pause, mut reported) = (Instant::now(), LOOK, false);
        loop {
            let behind = self.publisher.ask("looking how far the standbys are", &sql).await?;
            if behind.is_empty() || since.elapsed() >= limit {
                return Ok(behind.is_empty());
            }
            if since.elapsed() >= TELL_AFTER && !std::mem::replace(&mut reported, true) {
                let behind =
                    behind.iter().map(|row| format!("`{}` has not confirmed the commit", row.text(0)));
                self.publisher.context.options.tell(&Event::Standbys { behind: behind.collect() });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LOOK_MOST);
        }
    }
}
