use std::time::{Duration, Instant};

use embed_migrate_core::{Error, ErrorKind, Result};

use super::cluster::refused;
use super::locked_nodes::LockedNodes;
use crate::connection::rows::rows;
use crate::query::ask::with_timeout;
use crate::report::event::Event;

const SYNC: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL search_path = pg_catalog, pg_temp;\n\
     LOCK TABLE {slony}.sl_event_lock; SELECT {slony}.createevent({cluster}, 'SYNC'); COMMIT";

const LAGGING: &str = include_str!("lagging.sql");

/// How often nodes are asked, at first and at the most.
const POLL: Duration = Duration::from_millis(50);
const POLL_MOST: Duration = Duration::from_secs(1);
/// How often an event reports the wait.
const TELL: Duration = Duration::from_secs(5);

/// A node that has not confirmed everything.
struct NodeLag {
    id: i32,
    events: String,
    /// For how long, in seconds.
    since: Option<String>,
}

impl LockedNodes<'_> {
    /// Waits until every node has all that was committed on the origin so far.
    ///
    /// # Errors
    ///
    /// `SlonyNode`, with those that don't have it in time, how far they are behind, and whose daemon does not run.
    pub(crate) async fn confirmed(&self) -> Result<()> {
        let (session, options) = (&self.origin.member.session, self.options());
        let sync = with_timeout(options, session.simple_query(&self.cluster.fill(SYNC))).await;
        let messages = sync.map_err(|error| refused("asking Slony for an event", error))?;
        let event = rows(&messages).last().and_then(|row| row.get(0)).unwrap_or_default().to_owned();
        let question = LAGGING.replace("{event}", &event);
        let mut waiting = PollTimer::new();
        loop {
            let messages = self.cluster.ask(session, options, &question).await?;
            let lags: Vec<NodeLag> = rows(&messages).filter_map(lag).collect();
            if lags.is_empty() {
                return Ok(());
            }
            if waiting.since.elapsed() >= options.node_wait {
                return Err(self.lagging(&lags).await);
            }
            let names = || lags.iter().map(|lag| self.behind(lag)).collect();
            waiting.step(options, names).await;
        }
    }

    /// Waits until every node has a daemon: without one, nothing that is captured gets there.
    ///
    /// # Errors
    ///
    /// `SlonyNode`, with the nodes that have none.
    pub(crate) async fn has_daemons(&self) -> Result<()> {
        let options = self.options();
        let mut waiting = PollTimer::new();
        loop {
            let stopped = self.stopped().await?;
            if stopped.is_empty() {
                return Ok(());
            }
            let names: Vec<String> =
                stopped.iter().map(|name| format!("the daemon of node `{name}`")).collect();
            if waiting.since.elapsed() >= options.node_wait {
                let message = format!("{} does not run", names.join(", and "));
                return Err(Error::new(ErrorKind::Node, message)
                    .note("nothing was started: captured statements would not arrive there")
                    .help("start `slon` for the node, and run again"));
            }
            waiting.step(options, || names).await;
        }
    }

    /// The nodes whose daemon does not run.
    async fn stopped(&self) -> Result<Vec<&str>> {
        let mut stopped = Vec::new();
        for node in self.nodes.iter().chain([&self.origin]) {
            if !node.has_daemon(&self.cluster, self.options()).await? {
                stopped.push(node.name());
            }
        }
        Ok(stopped)
    }

    fn behind(&self, lag: &NodeLag) -> String {
        let node = self.nodes.iter().find(|node| node.id == lag.id);
        let name = node.map_or_else(|| lag.id.to_string(), |node| node.name().to_owned());
        let events = if lag.events == "1" { "1 event".to_owned() } else { format!("{} events", lag.events) };
        let since = lag.since.as_ref().map(|since| format!(", {since} s")).unwrap_or_default();
        format!("node `{name}` ({events}{since} behind)")
    }

    async fn lagging(&self, lags: &[NodeLag]) -> Error {
        let names: Vec<String> = lags.iter().map(|lag| self.behind(lag)).collect();
        let message = format!(
            "the commit on the origin was not confirmed within {} s: {}",
            self.options().node_wait.as_secs_f32(),
            names.join(", ")
        );
        let error = Error::new(ErrorKind::Node, message)
            .note("it stays committed: another run only waits, and then continues");
        let error = match self.stopped().await.unwrap_or_default().as_slice() {
            [] => error.note("all daemons run: the log of a node's daemon shows why it stopped"),
            stopped => stopped
                .iter()
                .fold(error, |error, name| error.note(format!("the daemon of node `{name}` does not run"))),
        };
        error.help("remove the cause (start `slon`; look for an error in its log), and run again; or allow more time: \
                    `RunOptions::node_wait` (`--node-wait`)")
    }
}

/// Asking again and again, less often as time goes by.
pub(crate) struct PollTimer {
    pub(crate) since: Instant,
    last_report: Instant,
    pause: Duration,
}

impl PollTimer {
    pub(crate) fn new() -> PollTimer {
        let since = Instant::now();
        PollTimer { since, last_report: since, pause: POLL }
    }

    /// Pauses, and says from time to time what for.
    pub(crate) async fn step(
        &mut self,
        options: &crate::options::options::Options,
        waits_for: impl FnOnce() -> Vec<String>,
    ) {
        // The first time at once: a person who watches wants to know why nothing happens.
        if self.pause == POLL || self.last_report.elapsed() >= TELL {
            options.tell(&Event::Nodes { waits_for: waits_for(), waited: self.since.elapsed() });
            self.last_report = Instant::now();
        }
        tokio::time::sleep(self.pause.min(options.node_wait)).await;
        self.pause = POLL_MOST.min(self.pause * 2);
    }
}

fn lag(row: &tokio_postgres::SimpleQueryRow) -> Option<NodeLag> {
    Some(NodeLag {
        id: row.get(0)?.parse().ok()?,
        events: row.get(1)?.to_owned(),
        since: row.get(2).map(str::to_owned),
    })
}
