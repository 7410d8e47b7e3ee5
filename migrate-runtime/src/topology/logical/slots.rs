use std::collections::HashSet;
use std::time::{Duration, Instant};

use migrate_core::{Error, ErrorKind, Result, quote};

use super::replicated::Replicated;
use super::side::{Cells, Side};
use crate::options::Options;
use crate::topology::member::on;

/// A slot from which a subscriber takes what is written here.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) name: String,
    /// What its subscriber has confirmed, before anything was asked of that one.
    confirmed: String,
}

/// A subscription of a node to this publisher.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) name: String,
    pub(super) slot: String,
    pub(super) publications: Vec<String>,
    enabled: bool,
    /// How far its worker has read.
    received: Option<String>,
}

const SLOTS: &str = "SELECT s.slot_name, s.confirmed_flush_lsn FROM pg_replication_slots AS s \
    WHERE s.slot_type = 'logical' AND s.plugin = 'pgoutput' AND s.database = current_database() AND NOT s.temporary \
    AND s.slot_name !~ '^pg_[0-9]+_sync_' ORDER BY s.slot_name";

const SUBSCRIPTIONS: &str = "SELECT s.subname, s.subslotname, s.subenabled, array_to_string(s.subpublications, '/'), \
    (SELECT max(w.received_lsn) FROM pg_stat_subscription AS w WHERE w.subid = s.oid AND w.relid IS NULL) \
    FROM pg_subscription AS s \
    WHERE s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) \
    AND s.subslotname IS NOT NULL ORDER BY s.subname";

/// How long between two looks at the slots.
const LOOK: Duration = Duration::from_millis(20);
const LOOK_MOST: Duration = Duration::from_millis(200);

/// The slots of this database that count.
///
/// # Errors
///
/// The server can't be asked.
pub(super) async fn followed(publisher: &Side<'_>, options: &Options) -> Result<Vec<Slot>> {
    let rows = publisher.ask("looking at the replication slots", SLOTS).await?;
    let slot = |row: &Cells| Slot { name: row.text(0).to_owned(), confirmed: row.text(1).to_owned() };
    let slots = rows.iter().map(slot);
    Ok(slots.filter(|slot| !options.ignored_slots.contains(&slot.name)).collect())
}

/// Refuses slots where no node is configured at all.
///
/// # Errors
///
/// `Unsupported`, with the first slot's name.
pub(super) fn refuse_unknown(slots: &[Slot], nodes: usize) -> Result<()> {
    match slots.first().filter(|_| nodes == 0) {
        Some(slot) => Err(unknown(slot)),
        None => Ok(()),
    }
}

fn unknown(slot: &Slot) -> Error {
    let message = format!(
        "the slot `{}` takes changes from this database, and no node is configured for it",
        slot.name
    );
    Error::new(ErrorKind::Unsupported, message)
        .note("a subscriber that lacks what a patch makes stops when the first row comes")
        .help(
            "name the subscriber with `Migrator::node`; or, if it is none that has tables of its own, such as Debezium, say \
             so with `Migrator::ignore_slot`;\n`Migrator::topology(Topology::Single)` leaves all subscribers to themselves",
        )
}

impl Side<'_> {
    /// The subscriptions of this node's database.
    pub(super) async fn subscriptions(&self) -> Result<Vec<Subscription>> {
        let rows = self.ask("looking at the subscriptions", SUBSCRIPTIONS).await?;
        let subscription = |row: &Cells| Subscription {
            name: row.text(0).to_owned(),
            slot: row.text(1).to_owned(),
            enabled: row.is(2),
            publications: row.text(3).split('/').map(str::to_owned).collect(),
            received: row.get(4).map(str::to_owned),
        };
        Ok(rows.iter().map(subscription).collect())
    }
}

impl Replicated<'_> {
    /// The node's subscriptions to this publisher.
    pub(super) async fn subscriptions(&self, node: &Side<'_>) -> Result<Vec<Subscription>> {
        let all = node.subscriptions().await?.into_iter();
        Ok(all.filter(|it| self.slots.iter().any(|slot| slot.name == it.slot)).collect())
    }

    /// Holds when every slot is a configured node's, and every node follows this very server.
    ///
    /// # Errors
    ///
    /// `Unsupported`, with the slot or the node.
    pub(super) async fn verify(&self) -> Result<()> {
        let mut problems = Vec::new();
        let mut known = HashSet::new();
        for node in &self.nodes {
            let subscriptions = self.subscriptions(node).await?;
            if subscriptions.is_empty() {
                problems.push(self.follows_nobody(node));
            }
            for subscription in subscriptions {
                problems.extend(self.refuse(node, &subscription).await?);
                known.insert(subscription.slot);
            }
        }
        problems.extend(self.slots.iter().filter(|slot| !known.contains(&slot.name)).map(unknown));
        Error::all(problems).map_or(Ok(()), Err)
    }

    fn follows_nobody(&self, node: &Side<'_>) -> Error {
        let message = format!("node `{}` has no subscription with a slot of this database", node.name);
        let slots: Vec<_> = self.slots.iter().map(|slot| format!("`{}`", slot.name)).collect();
        let error = Error::new(ErrorKind::Unsupported, message)
            .help("is it the right server and database, and does the run name the publisher?");
        if slots.is_empty() { error } else { error.note(format!("the slots here are {}", slots.join(", "))) }
    }

    /// Why a node's subscription can't be waited for. That it reads this server's log and no other's shows in how far it
    /// is: between what the slot has confirmed and what has been written since, which is next to nothing.
    async fn refuse(&self, node: &Side<'_>, subscription: &Subscription) -> Result<Option<Error>> {
        let Subscription { name, slot, enabled, received, .. } = subscription;
        if !enabled {
            let message = format!("the subscription `{name}` of node `{}` is disabled", node.name);
            let help = format!(
                "the server's log may tell why; then, on that node: `ALTER SUBSCRIPTION {} ENABLE`",
                quote::identifier(name)
            );
            return Ok(Some(Error::new(ErrorKind::Unsupported, message).help(help)));
        }
        let confirmed = self.slots.iter().find(|it| it.name == *slot).map(|it| it.confirmed.as_str());
        let (Some(received), Some(confirmed)) = (received, confirmed.filter(|it| !it.is_empty())) else {
            return Ok(None);
        };
        let sql = format!(
            "SELECT {received}::pg_lsn BETWEEN {confirmed}::pg_lsn AND pg_current_wal_insert_lsn()",
            received = quote::literal(received),
            confirmed = quote::literal(confirmed),
        );
        let rows = self.publisher.ask("comparing places in the log", &sql).await?;
        if rows.first().is_some_and(|row| row.is(0)) {
            return Ok(None);
        }
        let message =
            format!("node `{}` has a slot `{slot}`, but at another server than this one", node.name);
        Ok(Some(
            Error::new(ErrorKind::Unsupported, message)
                .note(format!("it has read up to {received}, which this server has not written, or long ago"))
                .help("is a node of another set configured, or does the run name another publisher?"),
        ))
    }

    /// Waits until no table is being copied and the subscribers have all that was written so far, so that what comes
    /// then is short.
    ///
    /// # Errors
    ///
    /// `Locked`, with the subscribers that are behind.
    pub(super) async fn settled(&self) -> Result<()> {
        let since = Instant::now();
        let limit = self.fleet.origin.run.errand.options.node_wait;
        for node in &self.nodes {
            let mut pause = LOOK;
            while let Some(table) = node.copying().await? {
                if since.elapsed() >= limit {
                    let message = format!("node `{}` still copies the first rows of `{table}`", node.name);
                    return Err(Error::new(ErrorKind::Locked, message)
                        .help("run again when it is done, or allow more time: `Migrator::node_wait`"));
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LOOK_MOST);
            }
        }
        match self.confirmed(limit.saturating_sub(since.elapsed())).await? {
            Lag::None => Ok(()),
            Lag::Slots(slots) => Err(self.behind(&slots).await),
        }
    }

    /// Waits until the subscribers have confirmed all that was written so far.
    pub(super) async fn confirmed(&self, limit: Duration) -> Result<Lag> {
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
            self.publisher.nudge().await?;
            let rows = self.publisher.ask("looking how far replication is", &sql).await?;
            if rows.is_empty() {
                return Ok(Lag::None);
            }
            if since.elapsed() >= limit {
                return Ok(Lag::Slots(rows.iter().map(|row| row.text(0).to_owned()).collect()));
            }
            // What a subscriber has applied counts once it is on its disk.
            if std::mem::take(&mut first) {
                futures_util::future::try_join_all(self.nodes.iter().map(Side::nudge)).await?;
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
            // Told beside something else: not to know it is no failure of its own.
            for note in node.troubles(slots).await.unwrap_or_default() {
                error = error.note(note);
            }
        }
        error.help("run again when it has caught up; a subscriber that stopped says why in its server's log")
    }
}

/// Who has not confirmed yet.
pub(super) enum Lag {
    None,
    Slots(Vec<String>),
}

impl Side<'_> {
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
        let rows =
            self.ask("looking at the subscriptions", &sql).await.map_err(|error| on(&self.name, error))?;
        let note = |row: &Cells| {
            let (name, node) = (row.text(0), &self.name);
            match (row.is(1), row.text(2)) {
                (false, _) => format!("the subscription `{name}` of node `{node}` is disabled"),
                (true, "" | "0") => format!("it is the subscription `{name}` of node `{node}`"),
                (true, count) => {
                    format!(
                        "the subscription `{name}` of node `{node}` failed to apply what came, {count} times so far"
                    )
                }
            }
        };
        Ok(rows.iter().map(note).collect())
    }
}
