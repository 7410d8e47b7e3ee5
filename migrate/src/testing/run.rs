use embed_migrate_core::{Bundle, Error};
use tokio::runtime::{Builder, Runtime};

use super::contents::Contents;
use super::database::TestDatabase;
use super::outcome::TestOutcome;
use super::test_info::TestInfo;

impl TestDatabase {
    /// Whether the feature `facts` is on.
    #[doc(hidden)]
    pub const FACTS: bool = crate::FACTS;

    /// Runs a test with a database: what `#[embed_migrate::test]` writes. Takes the test's path, whether it is to panic, how
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
        R: TestOutcome,
    {
        let contents = Contents::of(bundles.iter().copied());
        let contents = facts.iter().fold(contents, |contents, (file, text)| contents.facts(*file, *text));
        let contents = scripts.iter().fold(contents, |contents, (file, text)| contents.script(*file, *text));
        run(TestInfo { name, should_panic, threads }, &contents, body)
    }
}

fn run<F, R>(info: TestInfo, contents: &Contents<'_>, body: impl FnOnce(TestDatabase) -> F) -> R
where
    F: Future<Output = R>,
    R: TestOutcome,
{
    let runtime = must(runtime(info.threads));
    let should_panic = info.should_panic;
    let (outcome, database) = runtime.block_on(async {
        let database = match TestDatabase::for_test(contents, info).await {
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

#[expect(clippy::print_stderr, reason = "a test that must panic can only fail without")]
fn not_begun<R: TestOutcome>(should_panic: bool, error: &Error) -> R {
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
fn must<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(result) => result,
        Err(error) => panic!("{error}"),
    }
}
