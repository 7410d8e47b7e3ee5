//! A hundred tests on two threads, each with a migrated database of its own: floor, ours and `sqlx::test`, in turns.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Cargo, Result, Server, Shuffle, Spread, context, ratios};

use crate::floor::Image;
use crate::server_times::{milliseconds, test};

const TESTS: usize = 100;
const THREADS: usize = 2;

/// Who makes the databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contender {
    Floor,
    Ours,
    Sqlx,
}

impl Contender {
    pub(crate) const ALL: [Contender; 3] = [Contender::Floor, Contender::Ours, Contender::Sqlx];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Contender::Floor => "floor",
            Contender::Ours => "ours",
            Contender::Sqlx => "sqlx::test",
        }
    }
}

/// Milliseconds a test, of each round.
#[derive(Default)]
pub(crate) struct TestTimes(pub(crate) BTreeMap<Contender, Vec<f64>>);

impl TestTimes {
    pub(crate) fn of(&self, who: Contender) -> &[f64] {
        self.0.get(&who).map(Vec::as_slice).unwrap_or_default()
    }

    pub(crate) fn to(&self, who: Contender, base: Contender) -> Option<Spread> {
        Spread::of(ratios(self.of(who), self.of(base)))
    }
}

pub(crate) fn measure(
    image: &Image,
    scratch: &Path,
    rounds: usize,
    sqlx: usize,
    shuffle: &mut Shuffle,
) -> Result<TestTimes> {
    let ours = Cargo::tests("hundred-ours")?.binary;
    let peer = Cargo::tests("hundred-sqlx")?.binary;
    // Its server runs already, with the settings that make the others fast.
    let server = Server::start_in_memory()?;
    let cache = scratch.join("hundred");
    let mut hundred = TestTimes::default();
    for round in 0..=rounds {
        let mut turns = Contender::ALL;
        shuffle.shuffle(&mut turns);
        for who in turns {
            if who == Contender::Sqlx && round > sqlx {
                continue;
            }
            let time = match who {
                Contender::Floor => floor(image)?,
                Contender::Ours => program(Command::new(&ours).env("MIGRATE_TEST_CACHE", &cache))?,
                Contender::Sqlx => program(Command::new(&peer).env("DATABASE_URL", server.url("postgres")))?,
            };
            if who == Contender::Ours {
                rest(&cache)?;
            }
            // In the first, images are made and all is read for the first time.
            if round > 0 {
                hundred.0.entry(who).or_default().push(time / TESTS as f64);
            }
        }
    }
    Ok(hundred)
}

/// Copies, connects and asks, on threads that share nothing; what is left is removed when nobody looks.
fn floor(image: &Image) -> Result<f64> {
    let start = Instant::now();
    let mut running = image.start("hundred")?;
    drop(running.ready("template1")?);
    let directory = &running.directory;
    let some = |thread: usize| -> Result<()> {
        let mut wire = crate::floor_client::FloorClient::connect(directory, "template1")?;
        for number in (0..TESTS).filter(|number| number % THREADS == thread) {
            wire.run(&format!("CREATE DATABASE test_{number} TEMPLATE app STRATEGY file_copy"))?;
            test(directory, &format!("test_{number}"))?;
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || some(thread))).collect();
        let ended =
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err("a thread ended".into())));
        ended.collect::<Result<()>>()
    })?;
    let time = milliseconds(start);
    running.end()?;
    Ok(time)
}

/// Runs a program of tests as cargo does it.
fn program(command: &mut Command) -> Result<f64> {
    command.arg(format!("--test-threads={THREADS}")).stdin(Stdio::null());
    let start = Instant::now();
    let output = command.output().map_err(context("the tests"))?;
    let time = milliseconds(start);
    match output.status.success() {
        true => Ok(time),
        false => Err(format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
        .into()),
    }
}

/// Waits until the server that waited for more tests is gone.
fn rest(cache: &Path) -> Result<()> {
    for entry in std::fs::read_dir(cache).map_err(context(cache.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with("shared-") && path.extension().is_none() {
            let directory = std::fs::read_to_string(&path)?;
            let deadline = Instant::now() + Duration::from_secs(30);
            while Path::new(&directory).exists() {
                if Instant::now() > deadline {
                    return Err(format!("{directory} is still there").into());
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
    Ok(())
}
