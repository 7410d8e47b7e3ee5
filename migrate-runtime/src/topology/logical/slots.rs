use std::collections::HashSet;

use embed_migrate_core::{Error, ErrorKind, Result, quote};

use super::side_connection::{SideConnection, TextRow};
use crate::connection::rows::rows;
use crate::options::options::Options;
use crate::query::ask::with_timeout;
use crate::query::failure;
use crate::session::session::Session;

/// A slot from which a subscriber takes what is written here.
#[derive(Debug, Clone)]
pub(super) struct ReplicationSlot {
    pub(super) name: String,
    /// What its subscriber has confirmed, before anything was asked of that one.
    confirmed: String,
    /// The process that serves its reader at present, and how that one calls itself if we may know.
    reader: Option<(String, String)>,
}

/// A subscription of a node to this publisher.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) name: String,
    pub(super) slot: String,
    pub(super) publications: Vec<String>,
    enabled: bool,
    /// Whether it applies transactions before they are committed.
    pub(super) eager: bool,
    /// Whether transactions are prepared there before they are committed.
    pub(super) two_phased: bool,
    /// How far its worker has read.
    received: Option<String>,
}

const SLOTS: &str = "SELECT s.slot_name, s.confirmed_flush_lsn, s.active_pid, a.application_name \
    FROM pg_replication_slots AS s LEFT JOIN pg_stat_activity AS a ON a.pid = s.active_pid \
    WHERE s.slot_type = 'logical' AND s.plugin = 'pgoutput' AND s.database = current_database() AND NOT s.temporary \
    AND s.slot_name !~ '^pg_[0-9]+_sync_' ORDER BY s.slot_name";

// The migrating role may have no right to see the view.
const PUBLISHES: &str = "SELECT 1 FROM pg_catalog.pg_get_replication_slots() AS s \
    WHERE s.plugin OPERATOR(pg_catalog.=) 'pgoutput' AND s.datoid OPERATOR(pg_catalog.=) \
    (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())";

// A row for each publication, for names may have any sign in them.
const SUBSCRIPTIONS: &str = "SELECT s.subname, s.subslotname, s.subenabled, p.name, \
    (SELECT max(w.received_lsn) FROM pg_stat_subscription AS w WHERE w.subid = s.oid AND w.relid IS NULL), \
    s.substream::text = 'p' \
    FROM pg_subscription AS s CROSS JOIN LATERAL unnest(s.subpublications) AS p (name) \
    WHERE s.subdbid = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()) \
    AND s.subslotname IS NOT NULL ORDER BY s.subname, p.name";

/// Whether logical replication takes changes from the database.
///
/// # Errors
///
/// The server can't be asked.
pub(crate) async fn publishes(session: &Session, options: &Options) -> Result<bool> {
    let asked = with_timeout(options, session.simple_query(PUBLISHES)).await;
    let messages = asked.map_err(|error| failure::own("looking for replication slots", error))?;
    Ok(rows(&messages).next().is_some())
}

/// The slots of this database that count.
///
/// # Errors
///
/// The server can't be asked.
pub(super) async fn followed(
    publisher: &SideConnection<'_>,
    options: &Options,
) -> Result<Vec<ReplicationSlot>> {
    let rows = publisher.ask("looking at the replication slots", SLOTS).await?;
    let slot = |row: &TextRow| ReplicationSlot {
        name: row.text(0).to_owned(),
        confirmed: row.text(1).to_owned(),
        reader: row.get(2).map(|pid| (pid.to_owned(), row.text(3).to_owned())),
    };
    let slots = rows.iter().map(slot);
    Ok(slots.filter(|slot| !options.ignored_slots.contains(&slot.name)).collect())
}

/// Refuses slots if no node is configured at all.
///
/// # Errors
///
/// `Unsupported`, with each slot's name.
pub(super) fn refuse_unknown(slots: &[ReplicationSlot], nodes: usize) -> Result<()> {
    let unknown = slots.iter().filter(|_| nodes == 0).map(unknown);
    Error::all(unknown).map_or(Ok(()), Err)
}

fn unknown(slot: &ReplicationSlot) -> Error {
    let message = format!(
        "the slot `{}` takes changes from this database, and no node is configured for it",
        slot.name
    );
    Error::new(ErrorKind::Unsupported, message)
        .note("a subscriber that lacks a patch's changes stops at the first row that needs them")
        .note(match &slot.reader {
            None => "nobody reads it at present".to_owned(),
            Some((pid, name)) if name.is_empty() => format!("process {pid} serves its reader"),
            Some((pid, name)) => format!("process {pid} serves its reader, which calls itself `{name}`"),
        })
        .help(format!(
            "name the subscriber: `--node NAME=URL`, in a program `Migrator::node`;\n\
             or, if its reader has no tables of its own or follows the schema by itself, such as Debezium: \
             `--ignore-slot {}`, in a program `RunOptions::ignored_slots`;\n\
             or, if its reader is gone for good: `SELECT pg_drop_replication_slot({})`;\n\
             `--topology single` leaves all of them to themselves",
            slot.name,
            quote::literal(&slot.name).trim_start(),
        ))
}

impl SideConnection<'_> {
    /// The subscriptions of this node's database.
    pub(super) async fn subscriptions(&self) -> Result<Vec<Subscription>> {
        let rows = self.ask("looking at the subscriptions", SUBSCRIPTIONS).await?;
        let mut subscriptions: Vec<Subscription> = Vec::new();
        for row in &rows {
            let publication = row.text(3).to_owned();
            match subscriptions.last_mut().filter(|last| last.name == row.text(0)) {
                Some(last) => last.publications.push(publication),
                None => subscriptions.push(Subscription {
                    name: row.text(0).to_owned(),
                    slot: row.text(1).to_owned(),
                    enabled: row.is(2),
                    eager: row.is(5),
                    two_phased: false,
                    publications: vec![publication],
                    received: row.get(4).map(str::to_owned),
                }),
            }
        }
        Ok(subscriptions)
    }
}

/// A publisher, the nodes that are configured for it, and the slots that they are to follow by.
pub(super) struct Subscribers<'r, 'a> {
    pub(super) publisher: &'r SideConnection<'a>,
    pub(super) nodes: &'r [SideConnection<'a>],
    pub(super) slots: &'r [ReplicationSlot],
}

impl Subscribers<'_, '_> {
    pub(super) async fn subscriptions(&self, node: &SideConnection<'_>) -> Result<Vec<Subscription>> {
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
        for node in self.nodes {
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

    /// Holds when no node's subscription is disabled.
    ///
    /// # Errors
    ///
    /// `Unsupported`, with each such subscription and the command that enables it.
    pub(super) async fn verify_enabled(&self, nodes: impl Fn(&str) -> bool) -> Result<()> {
        let mut problems = Vec::new();
        for node in self.nodes.iter().filter(|node| nodes(&node.name)) {
            let subscriptions = self.subscriptions(node).await?;
            problems.extend(subscriptions.iter().filter(|it| !it.enabled).map(|it| disabled(node, it)));
        }
        Error::all(problems).map_or(Ok(()), Err)
    }

    fn follows_nobody(&self, node: &SideConnection<'_>) -> Error {
        let message = format!("node `{}` has no subscription with a slot of this database", node.name);
        let slots: Vec<_> = self.slots.iter().map(|slot| format!("`{}`", slot.name)).collect();
        let error = Error::new(ErrorKind::Unsupported, message)
            .help("is it the right server and database, and does the run name the publisher?");
        if slots.is_empty() { error } else { error.note(format!("the slots here are {}", slots.join(", "))) }
    }

    /// Why a node's subscription can't be waited for. That it reads this server's log and no other's shows in how far it
    /// is: between what the slot has confirmed and what has been written since, which is next to nothing.
    async fn refuse(&self, node: &SideConnection<'_>, subscription: &Subscription) -> Result<Option<Error>> {
        let Subscription { slot, received, .. } = subscription;
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
}

fn disabled(node: &SideConnection<'_>, subscription: &Subscription) -> Error {
    let name = &subscription.name;
    let message = format!("the subscription `{name}` of node `{}` is disabled", node.name);
    let help = format!("the server's log may show the cause; then, on that node: `{}`", enable(name));
    Error::new(ErrorKind::Unsupported, message).help(help)
}

/// What enables a subscription.
pub(super) fn enable(name: &str) -> String {
    format!("ALTER SUBSCRIPTION {} ENABLE", quote::identifier(name))
}
