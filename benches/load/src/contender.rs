use std::fs;

use harness::{Result, context};
use embed_migrate_core::{Bundle, LockFile};
use embed_migrate_runtime::{Migrator, Settings};
use tokio_postgres::NoTls;

const PATCH: &str = "ALTER TABLE pgbench_accounts ADD note text;\n";

/// Who applies the patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Contender {
    /// This project.
    Ours,
    /// refinery.
    Refinery,
}

impl Contender {
    pub(crate) const ALL: [Contender; 2] = [Contender::Ours, Contender::Refinery];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Contender::Ours => "ours",
            Contender::Refinery => "refinery",
        }
    }

    /// Applies it, as a boot does.
    ///
    /// # Errors
    ///
    /// The contender's own.
    pub(crate) fn apply(self, url: &str) -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        match self {
            Contender::Ours => runtime.block_on(ours(url)),
            Contender::Refinery => runtime.block_on(refinery(url)),
        }
    }
}

async fn ours(url: &str) -> Result<()> {
    let directory = std::env::temp_dir().join(format!("migrate-benches-load-{}", std::process::id()));
    fs::create_dir_all(&directory).map_err(context(directory.display()))?;
    let written = fs::write(directory.join("patch-1-0-0-std.sql"), PATCH);
    let bundle = Bundle::read_with(&directory, "load", "load", Some(LockFile::default()));
    fs::remove_dir_all(&directory).map_err(context(directory.display()))?;
    written.map_err(context(directory.display()))?;
    // The directory is gone, so it is not to be compared with.
    let bundle = bundle?.with(|parts| parts.directory = None);
    let settings = Settings::parse(url, &|_| None)?;
    Migrator::new([&bundle]).run(&settings).await?;
    Ok(())
}

async fn refinery(url: &str) -> Result<()> {
    let (mut client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let connection = tokio::spawn(connection);
    let patch = refinery::Migration::unapplied("V1__note", PATCH)?;
    refinery::Runner::new(&[patch]).run_async(&mut client).await?;
    drop(client);
    Ok(connection.await??)
}
