//! What each boot says to the server: the same every time, so counted once.

use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use harness::{Bars, Result, Server, Table, Tool};
use postgres::Client;
use proxy::{Counts, Proxy};

use crate::contender::Contender;
use crate::run;

/// One contender's boots with `n` patches.
pub(crate) struct ContenderCounts {
    contender: Contender,
    n: usize,
    applying: Option<BootCounts>,
    up_to_date: Option<BootCounts>,
}

/// What the proxy counted, and the server.
struct BootCounts {
    counts: Counts,
    wal_syncs: i64,
}

/// Counts every contender's first and second boot.
pub(crate) fn count(server: &Server, numbers: &[usize]) -> Result<Vec<ContenderCounts>> {
    // The WAL writer syncs on its own account, at most this often; commits that wait for the disk sync at once.
    server.admin("ALTER SYSTEM SET wal_writer_delay = '10s'")?;
    server.admin("SELECT pg_reload_conf()")?;
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], server.port())), Duration::ZERO)?;
    let mut counted = Vec::new();
    for &n in numbers {
        for contender in all() {
            eprintln!("counting {} with {n} patches", contender.name());
            counted.push(count_one(server, &proxy, contender, n)?);
        }
    }
    server.admin("ALTER SYSTEM RESET wal_writer_delay")?;
    server.admin("SELECT pg_reload_conf()")?;
    Ok(counted)
}

fn all() -> Vec<Contender> {
    let mut all = Contender::up_to_date();
    all.extend(Contender::applying());
    all.sort_unstable();
    all.dedup();
    all
}

fn count_one(server: &Server, proxy: &Proxy, contender: Contender, n: usize) -> Result<ContenderCounts> {
    let database = "counted";
    server.create(database)?;
    let url = harness::url(proxy.port(), database);
    let mut observer = server.connect("postgres")?;
    let mut measure = || -> Result<BootCounts> {
        let before = wal_syncs(&mut observer)?;
        run::boot(contender, n, &url)?;
        let counts = proxy.take();
        Ok(BootCounts { counts, wal_syncs: wal_syncs(&mut observer)? - before })
    };
    let applying = if Contender::applying().contains(&contender) { Some(measure()?) } else { None };
    let up_to_date = if Contender::up_to_date().contains(&contender) { Some(measure()?) } else { None };
    let counted = ContenderCounts { contender, n, applying, up_to_date };
    counted.check()?;
    Ok(counted)
}

/// The server's count of WAL syncs, when every other client has gone and with it handed in its own.
fn wal_syncs(observer: &mut Client) -> Result<i64> {
    let others = "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()";
    let deadline = Instant::now() + Duration::from_secs(10);
    while observer.query_one(others, &[])?.get::<_, i64>(0) > 0 {
        if Instant::now() > deadline {
            return Err("a backend outlives its client".into());
        }
        sleep(Duration::from_millis(5));
    }
    Ok(observer.query_one("SELECT wal_sync FROM pg_catalog.pg_stat_wal", &[])?.get(0))
}

impl ContenderCounts {
    /// Holds the proxy against what is known of the peers.
    fn check(&self) -> Result<()> {
        let (applying, up_to_date) = self.contender.known_round_trips(self.n as u64);
        for (what, boot, known) in
            [("apply", &self.applying, applying), ("boot", &self.up_to_date, up_to_date)]
        {
            let Some(boot) = boot else { continue };
            if boot.counts.round_trips != known {
                let (name, n, counts) = (self.contender.name(), self.n, &boot.counts);
                return Err(format!("{name} with {n} patches makes {known} round trips to {what}, the proxy counted {counts:?}").into());
            }
        }
        self.check_ours()
    }

    /// What ours says beyond its round trips is known too.
    fn check_ours(&self) -> Result<()> {
        if self.contender != Contender::Tool(Tool::Ours) {
            return Ok(());
        }
        if let Some(BootCounts { counts, .. }) = &self.up_to_date
            && (counts.locks, counts.commits, counts.bytes_replied() < 1024) != (0, 0, true)
        {
            return Err(format!("ours, up to date, locks, commits or reads too much: {counts:?}").into());
        }
        // The history's own patch, the others, and the record, which alone is synchronous. The run asks for the lock once, and
        // each patch for the transaction's while it releases what it took for the session.
        let expected = (self.n as u64 + 2, self.n as u64 + 2, 1);
        if let Some(BootCounts { counts, .. }) = &self.applying
            && (counts.locks, counts.commits, counts.synchronous_commits) != expected
        {
            return Err(format!(
                "ours, applying, locks, commits and commits synchronously {expected:?} times, but: {counts:?}"
            )
            .into());
        }
        Ok(())
    }
}

/// Holds ours against the bars: the worst over all numbers of patches.
pub(crate) fn bars(bars: &mut Bars, counted: &[ContenderCounts]) {
    let ours = || counted.iter().filter(|counted| counted.contender == Contender::Tool(Tool::Ours));
    let boots = || ours().filter_map(|ours| Some(&ours.up_to_date.as_ref()?.counts));
    let applies = || ours().filter_map(|ours| Some(&ours.applying.as_ref()?.counts));
    let beyond = |counts: &Counts| counts.round_trips - counts.connections;
    bars.count("up to date: round trips beyond connecting", boots().map(beyond).max().unwrap_or(0), 1);
    bars.count(
        "up to date: advisory locks asked for",
        boots().map(|counts| counts.locks).max().unwrap_or(0),
        0,
    );
    bars.count("up to date: COMMITs", boots().map(|counts| counts.commits).max().unwrap_or(0), 0);
    bars.count("up to date: bytes of the reply", boots().map(Counts::bytes_replied).max().unwrap_or(0), 1023);
    let trips: Vec<_> = applies().map(beyond).collect();
    let constant = trips.windows(2).all(|two| two[0] == two[1]) && trips.iter().all(|trips| *trips <= 5);
    let shown: Vec<_> = trips.iter().map(u64::to_string).collect();
    bars.fact("apply: round trips beyond connecting", "at most 5, for any N", shown.join(", "), constant);
    let synchronous = applies().map(|counts| counts.synchronous_commits).max().unwrap_or(0);
    bars.count("apply: COMMITs with `synchronous_commit` on", synchronous, 2);
}

/// What was counted of the boots that had nothing to do.
pub(crate) fn up_to_date(counted: &[ContenderCounts]) -> Table {
    table(counted, |counted| counted.up_to_date.as_ref())
}

/// What was counted of the boots that applied everything.
pub(crate) fn applying(counted: &[ContenderCounts]) -> Table {
    table(counted, |counted| counted.applying.as_ref())
}

fn table(counted: &[ContenderCounts], pick: impl Fn(&ContenderCounts) -> Option<&BootCounts>) -> Table {
    let mut table = Table::new([
        "",
        "N",
        "connections",
        "round trips",
        "beyond connecting",
        "messages sent",
        "received",
        "bytes received",
        "beyond connecting",
        "advisory locks",
        "COMMITs",
        "synchronous",
        "WAL syncs",
    ]);
    for one in counted {
        let Some(BootCounts { counts, wal_syncs }) = pick(one) else { continue };
        let mut row = vec![one.contender.name().to_owned()];
        row.extend(
            [
                one.n as u64,
                counts.connections,
                counts.round_trips,
                counts.round_trips - counts.connections,
                counts.messages_sent(),
                counts.messages_received(),
                counts.bytes,
                counts.bytes_replied(),
                counts.locks,
                counts.commits,
                counts.synchronous_commits,
            ]
            .map(|count| count.to_string()),
        );
        row.push(wal_syncs.to_string());
        table.row(row);
    }
    table
}

/// Messages of the boots that applied everything, by type.
pub(crate) fn messages(counted: &[ContenderCounts]) -> Table {
    let mut table = Table::new(["", "N", "sent", "received"]);
    for one in counted {
        let Some(boot) = &one.applying else { continue };
        let list = |counts: &std::collections::BTreeMap<char, u64>| {
            counts.iter().map(|(kind, count)| format!("{kind} {count}")).collect::<Vec<_>>().join(", ")
        };
        let (sent, received) = (list(&boot.counts.sent), list(&boot.counts.received));
        table.row([one.contender.name().to_owned(), one.n.to_string(), sent, received]);
    }
    table
}
