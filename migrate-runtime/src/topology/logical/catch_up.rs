use std::time::{Duration, Instant};

use embed_migrate_core::{Error, ErrorKind, Result, quote};
use futures_util::FutureExt;

use super::logical_replication::LogicalReplication;
use super::side_connection::{SideConnection, TextRow};
use super::slots::enable;

/// How long between two looks at the slots.
const LOOK: Duration = Duration::from_millis(20);
const LOOK_MOST: Duration = Duration::from_millis(200);

/// Who has not confirmed yet.
pub(super) enum CatchUp {
    Done,
    Behind(Vec<String>),
}

impl LogicalReplication<'_> {
    /// Waits until no table is being copied and the subscribers have all that was written so far, so that what comes
    /// then is short.
    ///
    /// # Errors
    ///
    /// `Locked`, with the subscribers that are behind.
    pub(super) async fn wait_until_current(&self) -> Result<()> {
        let since = Instant::now();
        let limit = self.node_set.origin.run.context.options.node_wait;
        for node in &self.nodes {
            let mut pause = LOOK;
            while let Some(table) = node.copying().await? {
                if since.elapsed() >= limit {
                    let message = format!("node `{}` still copies the first rows of `{table}`", node.name);
                    let slots: Vec<_> = self.slots.iter().map(|slot| slot.name.clone()).collect();
                    let notes = node.troubles(&slots).await.unwrap_or_default();
                    let error = notes.into_iter().fold(Error::new(ErrorKind::Locked, message), Error::note);
                    return Err(
                        error.help("run again when it is done, or allow more time: `RunOptions::node_wait`")
                    );
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LOOK_MOST);
            }
        }
        match self.confirmed(limit.saturating_sub(since.elapsed())).await? {
            CatchUp::Done => Ok(()),
            CatchUp::Behind(slots) => Err(self.behind(&slots).await),
        }
    }

    /// Waits until the subscribers have confirmed all that was written so far.
    pub(super) async fn confirmed(&self, limit: Duration) -> Result<CatchUp> {
        let (since, mut pause) = (Instant::now(), LOOK);
        let asked =
            self.publisher.ask("looking how far the log is", "SELECT pg_current_wal_insert_lsn()").await?;
        let lsn = asked.first().map(|row| row.text(0).to_owned()).unwrap_or_default();
        let names: Vec<_> =
            self.slots.iter().map(|slot| format!("({})", quote::literal(&slot.name))).collect();
        let sql = format!(
            "SELECT w.name FROM (VALUES {}) AS w (name) LEFT JOIN pg_replication_slots AS s ON s.slot_name = w.name \
             WHERE (s.confirmed_flush_lsn < {}::pg_lsn) IS NOT FALSE ORDER BY w.name",
            names.join(", "),
            quote::literal(&lsn),
        );
        let mut first = true;
        loop {
            self.publisher.flush_replication().await?;
            let rows = self.publisher.ask("looking how far replication is", &sql).await?;
            if rows.is_empty() {
                return Ok(CatchUp::Done);
            }
            if since.elapsed() >= limit {
                return Ok(CatchUp::Behind(rows.iter().map(|row| row.text(0).to_owned()).collect()));
            }
            // What a subscriber has applied counts once it is on its disk.
            if std::mem::take(&mut first) {
                futures_util::future::try_join_all(
                    self.nodes.iter().map(|node| node.flush_replication().boxed()),
                )
                .await?;
            }
            // One that is disabled will not confirm.
            if pause == LOOK_MOST && self.subscribers().verify_enabled(|_| true).await.is_err() {
                return Ok(CatchUp::Behind(rows.iter().map(|row| row.text(0).to_owned()).collect()));
            }
            tokio::time::sleep(pause).await;
            pause = (pause + LOOK / 4).min(LOOK_MOST);
        }
    }

    /// What to say of subscribers that are behind.
    pub(super) async fn behind(&self, slots: &[String]) -> Error {
        let named: Vec<_> = slots.iter().map(|slot| format!("`{slot}`")).collect();
        let message = format!("replication is behind: {} did not confirm in time", named.join(", "));
        let mut error = Error::new(ErrorKind::Locked, message);
        for node in &self.nodes {
            // The notes are an addition to another message: if they are unknown, that is no error.
            for note in node.troubles(slots).await.unwrap_or_default() {
                error = error.note(note);
            }
        }
        error.help("run again when it has caught up; a subscriber that stopped says why in its server's log")
    }
}

impl SideConnection<'_> {
    /// A table whose first rows are still on their way.
    async fn copying(&self) -> Result<Option<String>> {
        let sql = "SELECT r.srrelid::regclass FROM pg_subscription_rel AS r JOIN pg_subscription AS s ON s.oid = r.srsubid \
                   WHERE r.srsubstate <> 'r' AND s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) \
                   LIMIT 1";
        let rows = self.ask("looking at the subscriptions", sql).await?;
        Ok(rows.first().map(|row| row.text(0).to_owned()))
    }

    /// Why this node may be behind with these slots.
    async fn troubles(&self, slots: &[String]) -> Result<Vec<String>> {
        let slots: Vec<_> = slots.iter().map(|slot| quote::literal(slot)).collect();
        let sql = format!(
            "SELECT s.subname, s.subenabled, t.apply_error_count FROM pg_subscription AS s \
             LEFT JOIN pg_stat_subscription_stats AS t ON t.subid = s.oid WHERE s.subslotname IN ({}) \
             AND s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())",
            slots.join(", ")
        );
        let rows = self.ask("looking at the subscriptions", &sql).await?;
        let note = |row: &TextRow| {
            let (name, node) = (row.text(0), &self.name);
            match (row.is(1), row.text(2)) {
                (false, _) => format!(
                    "the subscription `{name}` of node `{node}` is disabled: once the cause is removed, `{}` there",
                    enable(name)
                ),
                (true, "" | "0") => format!("it is the subscription `{name}` of node `{node}`"),
                (true, count) => {
                    format!(
                        "the subscription `{name}` of node `{node}` failed to apply changes, {count} times so far"
                    )
                }
            }
        };
        Ok(rows.iter().map(note).collect())
    }
}
