use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use migrate_core::{Result, quote};

use super::replicated::Replicated;

/// The subscriptions for which a commit of the publisher waits.
///
/// A subscription that `synchronous_standby_names` names confirms a commit once it has applied it, and it can't apply
/// what comes in or after a patch before it has the patch itself: the two would wait for each other, with everything
/// locked. So a patch is committed for this server's disk and for its physical standbys only, then on the subscribers,
/// and the run's record, which comes later in the log, waits for all of them.
#[derive(Default)]
pub(super) struct Synchrony {
    /// The slots that a commit may wait for.
    pub(super) slots: BTreeSet<String>,
}

/// The slots whose readers are synchronous, or may be: a role without `pg_monitor` does not see it, a reader that is away
/// may come back as one, and one that is there may not have read yet that it is.
const SLOTS: &str = "SELECT s.slot_name FROM pg_replication_slots AS s \
    LEFT JOIN pg_stat_replication AS r ON r.pid = s.active_pid WHERE s.slot_type = 'logical' \
    AND current_setting('synchronous_standby_names') <> '' AND current_setting('synchronous_commit') NOT IN ('off', 'local') \
    AND (r.sync_state IS DISTINCT FROM 'async' OR strpos(current_setting('synchronous_standby_names'), '*') > 0 \
    OR strpos(lower(current_setting('synchronous_standby_names')), lower(r.application_name)) > 0) ORDER BY s.slot_name";

/// The physical standbys that a commit waits for and that have not got it.
const STANDBYS: &str = "SELECT r.application_name FROM pg_stat_replication AS r \
    LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid \
    WHERE coalesce(s.slot_type, 'physical') = 'physical' AND r.sync_state IN ('sync', 'quorum') \
    AND (r.flush_lsn < {lsn}::pg_lsn) IS NOT FALSE";

const LOOK: Duration = Duration::from_millis(5);
const LOOK_MOST: Duration = Duration::from_millis(50);

impl Replicated<'_> {
    /// Finds out whether the publisher's commits wait for subscribers.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub(super) async fn synchrony(&self) -> Result<Synchrony> {
        let rows = self.publisher.ask("looking for synchronous subscriptions", SLOTS).await?;
        let slots = self.slots.iter().map(|slot| &slot.name);
        let slots = slots.filter(|slot| rows.iter().any(|row| row.text(0) == slot.as_str()));
        Ok(Synchrony { slots: slots.cloned().collect() })
    }

    /// Waits until the publisher's synchronous standbys have what it committed, as the commit would have: before a
    /// subscriber commits what a standby that is promoted in that moment would not have.
    ///
    /// # Errors
    ///
    /// The server can't be asked.
    pub(super) async fn standbys_have_it(&self, limit: Duration) -> Result<()> {
        let asked =
            self.publisher.ask("looking how far the log is", "SELECT pg_current_wal_flush_lsn()").await?;
        let lsn = asked.first().map(|row| row.text(0)).unwrap_or_default();
        let sql = STANDBYS.replace("{lsn}", &quote::literal(lsn));
        let (since, mut pause) = (Instant::now(), LOOK);
        while !self.publisher.ask("looking how far the standbys are", &sql).await?.is_empty()
            && since.elapsed() < limit
        {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LOOK_MOST);
        }
        Ok(())
    }
}

impl Synchrony {
    /// What a run says of it.
    pub(super) fn note(&self) -> Option<String> {
        let named: Vec<_> = self.slots.iter().map(|slot| format!("`{slot}`")).collect();
        (!named.is_empty()).then(|| {
            format!(
                "the publisher's `synchronous_standby_names` may name the subscribers of {}: patches were committed there \
                 without waiting for them, and they have confirmed since",
                named.join(", ")
            )
        })
    }
}
