use migrate_core::{Bundle, Error};
use tokio::runtime::{Builder, Runtime};

use super::{Contents, Outcome, TestDatabase};

/// What is known of a test before it runs.
#[derive(Debug, Clone)]
pub(super) struct About {
    /// Its path.
    pub(super) name: &'static str,
    /// Whether it is to panic.
    pub(super) should_panic: bool,
    /// How many threads its runtime has; `None` for the test's own only.
    pub(super) threads: Option<usize>,
}

impl About {
    pub(super) fn unnamed() -> About {
        About { name: "a test", should_panic: false, threads: None }
    }
}

impl TestDatabase {
    /// Whether facts can be deployed.
    #[doc(hidden)]
    pub const FACTS: bool = crate::FACTS;

    /// Runs a test with a database: what `#[migrate::test]` writes. Takes the test's path, whether it is to panic, how
    /// many threads its runtime has (`None` for the test's own only), bundles, and files of facts and scripts by their
    /// names.
    #[doc(hidden)]
    pub fn run_test<F, R>(
        name: &'static str,
        (should_panic, threads): (bool, Option<usize>),
        bundles: &[&Bundle],
        [facts, scripts]: [&[(&str, &str)]; 2],
        body: impl FnOnce(TestDatabase) -> F,
    ) -> R
    where
        F: Future<Output = R>,
        R: Outcome,
    {
        let contents = Contents::of(bundles.iter().copied());
        let contents = facts.iter().fold(contents, |contents, (file, text)| contents.facts(*file, *text));
        let contents = scripts.iter().fold(contents, |contents, (file, text)| contents.script(*file, *text));
        run(About { name, should_panic, threads }, &contents, body)
    }
}

fn run<F, R>(about: About, contents: &Contents<'_>, body: impl FnOnce(TestDatabase) -> F) -> R
where
    F: Future<Output = R>,
    R: Outcome,
{
    let runtime = must(runtime(about.threads));
    let should_panic = about.should_panic;
    let (outcome, database) = runtime.block_on(async {
        let database = match TestDatabase::for_test(contents, about).await {
            Ok(database) => database,
            Err(error) => return (not_begun(should_panic, &error), None),
        };
        let outcome = body(database.clone()).await;
        if outcome.failed() {
            database.fail();
        }
        (outcome, Some(database))
    });
    // Its tasks end first, and with them their connections.
    drop(runtime);
    drop(database);
    outcome
}

fn runtime(threads: Option<usize>) -> std::io::Result<Runtime> {
    match threads {
        None => Builder::new_current_thread().enable_all().build(),
        Some(threads) => Builder::new_multi_thread().worker_threads(threads.max(1)).enable_all().build(),
    }
}

#[expect(clippy::print_stderr, reason = "a test that is to panic can only fail without")]
fn not_begun<R: Outcome>(should_panic: bool, error: &Error) -> R {
    match R::not_begun().filter(|_| should_panic) {
        Some(outcome) => {
            eprintln!("{error}");
            outcome
        }
        None => must(Err(error)),
    }
}

/// A test that has no database fails.
#[expect(clippy::panic, reason = "that is how a test fails")]
fn must<T, E: std::fmt::Display>(made: Result<T, E>) -> T {
    match made {
        Ok(made) => made,
        Err(error) => panic!("{error}"),
    }
}
