//! How long servers for tests take, of the floor and of ours, in rounds.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use harness::{Result, Shuffle, Spread, ratios};
use embed_migrate::testing::Contents;
use embed_migrate_cluster::{Installation, Profile, SharedServer, Throwaway};
use embed_migrate_core::Bundle;
use tokio::runtime::{Handle, Runtime};
use tokio_postgres::{Config, NoTls};

use crate::floor::Image;
use crate::floor_client::FloorClient;

/// The floor's images.
pub(crate) struct Images {
    pub(crate) empty: Image,
    pub(crate) migrated: Image,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Metric {
    /// From an image of a fresh cluster to the first SQL.
    Start,
    /// The same, and then the end.
    StartAndEnd,
    /// From an image to the first SQL in a migrated database.
    Migrated,
    /// The same, and then the end.
    MigratedAndEnd,
    /// Connecting to a shared server that runs.
    Attach,
    /// A migrated database if there is no image: `initdb`, patches and all.
    First,
}

impl Metric {
    pub(crate) const ALL: [Metric; 6] =
        [Metric::Start, Metric::StartAndEnd, Metric::Migrated, Metric::MigratedAndEnd, Metric::Attach, Metric::First];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Metric::Start => "server, to the first SQL",
            Metric::StartAndEnd => "server, SQL and end",
            Metric::Migrated => "server with a migrated database, to the first SQL",
            Metric::MigratedAndEnd => "server with a migrated database, SQL and end",
            Metric::Attach => "attaching to a server that runs, to the first SQL",
            Metric::First => "first run ever, to the first SQL",
        }
    }
}

/// Milliseconds of each round.
#[derive(Default)]
pub(crate) struct ServerTimes {
    pub(crate) floor: BTreeMap<Metric, Vec<f64>>,
    pub(crate) ours: BTreeMap<Metric, Vec<f64>>,
}

impl ServerTimes {
    pub(crate) fn to_floor(&self, what: Metric) -> Option<Spread> {
        Spread::of(ratios(self.ours.get(&what)?, self.floor.get(&what)?))
    }
}

pub(crate) fn measure(
    images: &Images,
    bundle: &Bundle,
    scratch: &Path,
    rounds: usize,
    first: usize,
    shuffle: &mut Shuffle,
) -> Result<ServerTimes> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let installation = Installation::find(&|name| std::env::var(name).ok())?;
    let contents = Contents::of([bundle]);
    let cache = scratch.join("cache");
    let ours = Ours { runtime, installation, contents, cache: &cache };
    let keeper = ours.runtime.handle().clone();
    let shared = ours.join(&keeper)?;
    let mut server_times = ServerTimes::default();
    // The first round, in which all is read for the first time, does not count.
    for round in 0..=rounds {
        let mut runs = [
            Run::FloorEmpty,
            Run::OursEmpty,
            Run::FloorMigrated,
            Run::OursMigrated,
            Run::Bare,
            Run::Attach,
        ];
        shuffle.shuffle(&mut runs);
        for run in runs {
            let (floor, whats, times) = match run {
                Run::FloorEmpty => (true, [Metric::Start, Metric::StartAndEnd], life(&images.empty)?),
                Run::FloorMigrated => {
                    (true, [Metric::Migrated, Metric::MigratedAndEnd], life(&images.migrated)?)
                }
                Run::OursEmpty => (false, [Metric::Start, Metric::StartAndEnd], ours.life()?),
                Run::OursMigrated => (false, [Metric::Migrated, Metric::MigratedAndEnd], ours.migrated()?),
                Run::Bare => (true, [Metric::Attach; 2], [ours.bare(&shared)?; 2]),
                Run::Attach => (false, [Metric::Attach; 2], [ours.attach(&keeper)?; 2]),
            };
            let known = if floor { &mut server_times.floor } else { &mut server_times.ours };
            let one = whats.first() == whats.last();
            for (what, time) in whats.into_iter().zip(times).take(if one { 1 } else { 2 }) {
                if round > 0 {
                    known.entry(what).or_default().push(time);
                }
            }
        }
    }
    for round in 0..first {
        let cache = scratch.join(format!("first-{round}"));
        let time = Ours { cache: &cache, ..ours.again()? }.migrated()?[0];
        server_times.ours.entry(Metric::First).or_default().push(time);
    }
    Ok(server_times)
}

enum Run {
    FloorEmpty,
    OursEmpty,
    FloorMigrated,
    OursMigrated,
    Bare,
    Attach,
}

/// Milliseconds to the first SQL, and to the end.
fn life(image: &Image) -> Result<[f64; 2]> {
    let start = Instant::now();
    let mut running = image.start("life")?;
    running.ready("app")?.run("SELECT 1")?;
    let first = milliseconds(start);
    running.end()?;
    Ok([first, milliseconds(start)])
}

struct Ours<'a> {
    runtime: Runtime,
    installation: Installation,
    contents: Contents<'a>,
    cache: &'a Path,
}

impl<'a> Ours<'a> {
    fn again(&self) -> Result<Ours<'a>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        Ok(Ours {
            runtime,
            installation: self.installation.clone(),
            contents: self.contents.clone(),
            cache: self.cache,
        })
    }

    fn profile(&self) -> Profile {
        Profile::throwaway().cache(self.cache)
    }

    fn life(&self) -> Result<[f64; 2]> {
        self.runtime.block_on(async {
            let start = Instant::now();
            let server = Throwaway::start_with(&self.installation, self.profile()).await?;
            one(&server.config()).await?;
            let first = milliseconds(start);
            server.stop().await?;
            Ok([first, milliseconds(start)])
        })
    }

    fn migrated(&self) -> Result<[f64; 2]> {
        self.runtime.block_on(async {
            let start = Instant::now();
            let (installation, profile) = (&self.installation, self.profile());
            let (server, database) =
                Throwaway::start_filled_with(installation, profile, &self.contents).await?;
            one(server.config().dbname(&database)).await?;
            let first = milliseconds(start);
            server.stop().await?;
            Ok([first, milliseconds(start)])
        })
    }

    fn join(&self, keeper: &Handle) -> Result<SharedServer> {
        let joined = SharedServer::join(&self.installation, self.profile(), "benches", &self.contents, keeper);
        Ok(self.runtime.block_on(joined)?)
    }

    /// Joining connects, and asks one query.
    fn attach(&self, keeper: &Handle) -> Result<f64> {
        let start = Instant::now();
        let shared = self.join(keeper)?;
        let time = milliseconds(start);
        drop(shared);
        Ok(time)
    }

    fn bare(&self, shared: &SharedServer) -> Result<f64> {
        let config = shared.config("postgres");
        self.runtime.block_on(async {
            let start = Instant::now();
            one(&config).await?;
            Ok(milliseconds(start))
        })
    }
}

async fn one(config: &Config) -> Result<()> {
    let (client, connection) = config.connect(NoTls).await?;
    let connection = tokio::spawn(connection);
    client.simple_query("SELECT 1").await?;
    drop(client);
    connection.await??;
    Ok(())
}

pub(crate) fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

/// Connects without a runtime, for threads of the floor.
pub(crate) fn test(running: &Path, database: &str) -> Result<()> {
    let mut wire = FloorClient::connect(running, database)?;
    wire.run("INSERT INTO t_1 VALUES (1, 'one')")?;
    wire.run("SELECT count(*) FROM t_1")
}
