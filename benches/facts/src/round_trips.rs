//! How often each waits for the server: the same every time, so counted once.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use harness::{Bars, Result, Server, Table};
use proxy::{Counts, Proxy};

use crate::process::{self, Work};
use crate::subject::Subject;

/// What a process said to the server.
pub(crate) struct RoundTrips {
    subject: Subject,
    what: Work,
    name: &'static str,
    counts: Counts,
}

/// Counts inspecting, deploying twice and verifying.
pub(crate) fn count(server: &Server, subjects: &[Subject], root: &Path) -> Result<Vec<RoundTrips>> {
    let proxy = Proxy::start(SocketAddr::from(([127, 0, 0, 1], server.port())), Duration::ZERO)?;
    let mut counted = Vec::new();
    for subject in subjects.iter().copied() {
        eprintln!("counting {}", subject.name());
        let directory = subject.directory(root)?;
        server.create("counted")?;
        let url = harness::url(proxy.port(), "counted");
        for (what, name) in [
            (Work::Deploy, "first deploy"),
            (Work::Deploy, "second deploy"),
            (Work::Verify, "verify"),
            (Work::Inspect, "inspect"),
        ] {
            process::run(what, &directory, &url)?;
            counted.push(RoundTrips { subject, what, name, counts: proxy.take() });
        }
        server.drop_database("counted")?;
    }
    Ok(counted)
}

fn beyond(counts: &Counts) -> u64 {
    counts.round_trips - counts.connections
}

/// The same number of round trips, however many tables.
pub(crate) fn bars(bars: &mut Bars, counted: &[RoundTrips]) {
    let tables = |trips: &&RoundTrips| matches!(trips.subject, Subject::Tables(_));
    for name in ["inspect", "first deploy", "second deploy", "verify"] {
        let trips: Vec<u64> = counted
            .iter()
            .filter(tables)
            .filter(|trips| trips.name == name)
            .map(|trips| beyond(&trips.counts))
            .collect();
        if trips.len() < 2 {
            continue;
        }
        let shown: Vec<String> = trips.iter().map(u64::to_string).collect();
        let same = trips.windows(2).all(|two| two.first() == two.last());
        bars.fact(
            format!("{name}: round trips"),
            "the same for any number of tables",
            shown.join(", "),
            same,
        );
    }
}

pub(crate) fn table(counted: &[RoundTrips]) -> Table {
    let mut table = Table::new(["", "", "round trips", "messages sent", "received", "bytes received"]);
    for RoundTrips { subject, name, counts, .. } in counted
        .iter()
        .filter(|trips| trips.what != Work::Inspect || matches!(trips.subject, Subject::Tables(_)))
    {
        let said =
            [beyond(counts), counts.messages_sent(), counts.messages_received(), counts.bytes_replied()];
        let mut row = vec![subject.name(), (*name).to_owned()];
        row.extend(said.map(|count| count.to_string()));
        table.row(row);
    }
    table
}
