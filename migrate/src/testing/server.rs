use std::io::Write;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::sync::{Once, OnceLock};

use embed_migrate_cluster::{DatabaseContent, Installation, Profile, SharedServer};
use embed_migrate_core::{Error, ErrorKind, Result};
use tokio::runtime::{Builder, Handle};
use tokio::sync::OnceCell;

/// The variable that names the directory of cached cluster images.
const CACHE: &str = "MIGRATE_TEST_CACHE";

/// The server that the tests of a run share: all test programs of one directory, such as `target/debug/deps`.
pub(super) async fn shared(content: &impl DatabaseContent) -> Result<&'static SharedServer> {
    static SERVER: OnceCell<SharedServer> = OnceCell::const_new();
    SERVER
        .get_or_try_init(|| async {
            let program = std::env::current_exe().unwrap_or_default();
            let scope = program.parent().unwrap_or(&program).display().to_string();
            SharedServer::join(&installation()?, profile(), &scope, content, background_runtime()?).await
        })
        .await
}

pub(super) fn installation() -> Result<Installation> {
    Installation::find(&|name| std::env::var(name).ok())
}

pub(super) fn profile() -> Profile {
    let profile = match std::env::var_os(CACHE).filter(|directory| !directory.is_empty()) {
        Some(directory) => Profile::throwaway().cache(PathBuf::from(directory)),
        None => Profile::throwaway(),
    };
    static TOLD: Once = Once::new();
    TOLD.call_once(|| profile.cache_error().into_iter().for_each(tell));
    profile
}

/// Says once a process why its servers start slowly. Writes to stderr itself, since the harness captures `eprintln!`.
fn tell(why: Error) {
    let help = format!("remove the directory, or name one of your own by the variable `{CACHE}`");
    let why = why.help(help);
    // The tests run all the same if stderr is closed.
    let _ = writeln!(
        std::io::stderr(),
        "warning: each server for tests is created by `initdb`, which takes several times as long: {why}"
    );
}

/// A runtime that lasts as long as the process. The tests' own runtimes end with them, and would close the connections
/// that all tests use.
pub(super) fn background_runtime() -> Result<&'static Handle> {
    static RUNTIME: OnceLock<Option<Handle>> = OnceLock::new();
    let background_runtime = RUNTIME.get_or_init(|| {
        let (send, receive) = channel();
        let run = move || {
            let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
            if send.send(runtime.handle().clone()).is_ok() {
                runtime.block_on(std::future::pending::<()>());
            }
        };
        std::thread::Builder::new().name("migrate-tests".to_owned()).spawn(run).ok()?;
        receive.recv().ok()
    });
    background_runtime
        .as_ref()
        .ok_or_else(|| Error::new(ErrorKind::Instance, "the tests' own thread did not start"))
}
