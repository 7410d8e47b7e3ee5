use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use embed_migrate_core::{Error, ErrorKind, Result};
use tokio::runtime::Handle;
use tokio_postgres::Config;

use super::cache::{Cache, digest_word};
use super::clones::Clones;
use super::database_content::DatabaseContent;
use super::directory::create_context;
use super::filled_image;
use super::reaper::{PREFIX, is_owned_by};
use super::template_database::{copy, send};
use crate::instance::instance::Instance;
use crate::program::hold_pipe;
use crate::program::installation::Installation;
use crate::server::initdb::initdb;
use crate::server::pid_file::PidFile;
use crate::server::profile::Profile;
use crate::server::program_context::ProgramContext;
use crate::server::server_address::ServerAddress;
use crate::state::server_directory::ServerDirectory;
use crate::system::account::Account;
use crate::system::file::{create, file_error, remove_file};

/// A throwaway server that processes share. It ends with the last of them, for whatever reason.
///
/// Each process holds the writing end of a named pipe. When the last one is closed, the server's guard, which reads
/// the pipe, ends the server. If all tests have ended, the guard waits for more tests of the same run, while the
/// parent of the last process lives (`cargo`, or another runner), at most 3 s. After a failed test the server stays
/// for 10 minutes, or until the next one of its scope is started.
#[doc(hidden)]
#[derive(Debug)]
pub struct SharedServer {
    hold: File,
    /// Whether the first test was announced when the server was joined: so the server is in use at any moment.
    begun: AtomicBool,
    address: ServerAddress,
    clones: Clones,
    /// The process that started the server keeps the lock as well. Then the server can outlive its guard.
    _site: Option<ProgramContext>,
}

impl SharedServer {
    /// Joins the server of a scope, and starts it if none runs. It is started from the content's image, so that
    /// copies of that database are available at once.
    ///
    /// A scope is any text, such as a directory. Processes with the same scope share a server and its roles.
    /// Background work runs on `runtime`, which must live as long as this value.
    ///
    /// # Errors
    ///
    /// The errors of [`Throwaway::start_filled`](crate::Throwaway::start_filled).
    pub async fn join(
        installation: &Installation,
        profile: Profile,
        scope: &str,
        content: &impl DatabaseContent,
        runtime: &Handle,
    ) -> Result<SharedServer> {
        let account = Account::find();
        let Some(cache) = Cache::open(&profile) else {
            // Without a cache, other processes can't find it.
            return StartedServer::start(installation, profile, content).await?.shared(runtime).await;
        };
        let name =
            format!("shared-{}", digest_word(&format!("{scope}\n{}", installation.directory().display())));
        let marker = cache.path(&name);
        if let Some(found) = SharedServer::attach(&marker, &account, runtime).await {
            return Ok(found);
        }
        let _lock = cache.lock(&name).await?;
        // Another process may have started it meanwhile.
        if let Some(found) = SharedServer::attach(&marker, &account, runtime).await {
            return Ok(found);
        }
        if let Some(directory) = last(&marker, &account) {
            // A server that stayed for its kept databases ends now.
            remove_file(&directory.kept_marker())?;
        }
        let started = StartedServer::start(installation, profile, content).await?;
        publish(&marker, started.context.directory.path())?;
        started.shared(runtime).await
    }

    /// Joins a running server; `None` if there is none.
    async fn attach(marker: &Path, account: &Account, runtime: &Handle) -> Option<SharedServer> {
        let directory = last(marker, account)?;
        let hold = hold_pipe::open(&directory.hold_pipe()).ok()?;
        // The guard removes the marker before it checks for the last time whether a process holds the pipe.
        if !fs::symlink_metadata(directory.open_marker()).is_ok_and(|found| found.is_file()) {
            return None;
        }
        begin(&hold).ok()?;
        let file = PidFile::read(&directory.data()).ok()??;
        let address = ServerAddress::of(&file);
        // A crashed server accepts no connections: another one is started.
        let clones = Clones::open(&address, directory.path(), runtime).await.ok()?;
        Some(SharedServer { hold, begun: AtomicBool::new(true), address, clones, _site: None })
    }

    /// Takes a copy of the content's database for one test, and returns its name. [`SharedServer::finish`] or
    /// [`SharedServer::keep`] ends the test.
    ///
    /// # Errors
    ///
    /// The errors of [`DatabaseContent::fill`]; `Connect` or `Sql` if the server has gone or refuses.
    pub async fn database(&self, content: &impl DatabaseContent) -> Result<String> {
        if !self.begun.swap(false, Ordering::SeqCst) {
            begin(&self.hold)?;
        }
        let created = self.clones.take(content).await;
        if created.is_err() {
            say(&self.hold, "-")?;
        }
        created
    }

    /// Ends a test that succeeded. Its database is dropped later, when there are too many of them.
    pub fn finish(&self, database: String) {
        self.clones.finish(database);
        // If the server has ended, this is not needed.
        let _ = say(&self.hold, "-");
    }

    /// Ends a test that failed, and keeps its database, with the name of the test as its comment. Returns `false` if
    /// too many are kept already.
    ///
    /// # Errors
    ///
    /// `Connect` or `Sql` if the server has gone or refuses.
    pub async fn keep(&self, database: String, test: &str) -> Result<bool> {
        let kept = self.clones.keep(&database, test).await?;
        if kept {
            say(&self.hold, "kept\n-")?;
        } else {
            self.finish(database);
        }
        Ok(kept)
    }

    /// The connection settings of the superuser `postgres`, on the Unix socket.
    pub fn config(&self, database: &str) -> Config {
        self.address.config(database)
    }

    /// The URL of a database, for psql and tokio-postgres.
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }
}

/// Tells the guard that a test begins, and the process id of the test run.
fn begin(hold: &File) -> Result<()> {
    say(hold, &format!("+ {}", parent_id()))
}

fn say(mut hold: &File, words: &str) -> Result<()> {
    // One write, since other processes write too.
    hold.write_all(format!("{words}\n").as_bytes()).map_err(|error| gone().caused_by(error))
}

fn gone() -> Error {
    Error::new(ErrorKind::Instance, "the server for tests has ended")
}

/// A server that has just been started.
struct StartedServer {
    context: ProgramContext,
    hold: File,
    address: ServerAddress,
}

impl StartedServer {
    async fn start(
        installation: &Installation,
        profile: Profile,
        content: &impl DatabaseContent,
    ) -> Result<StartedServer> {
        let image = filled_image::filled(installation, &profile, content).await?;
        let filled = image.is_some();
        let mut context = create_context(installation, &profile)?;
        let making = if image.is_none() { Some(initdb(&context).await?) } else { None };
        context.shared = true;
        let instance = Instance::serve(context, profile, None, image).await?;
        if let Some(making) = making {
            making.release();
        }
        let address = instance.address().clone();
        if filled {
            // The image has no `postgres`. Copies need a connection to a database that is not copied.
            let client = address.connect("template1").await?;
            send(&client, &copy(&client, "postgres", "template1").await?).await?;
        }
        let owned = instance.into_owned_server().ok_or_else(gone)?;
        let path = owned.context.directory.open_marker();
        create(&path).map_err(file_error("make", &path))?;
        let hold = owned.guard.share().ok_or_else(gone)?;
        begin(&hold)?;
        Ok(StartedServer { context: owned.context, hold, address })
    }

    async fn shared(self, runtime: &Handle) -> Result<SharedServer> {
        let StartedServer { context, hold, address } = self;
        let clones = Clones::open(&address, context.directory.path(), runtime).await?;
        Ok(SharedServer { hold, begun: AtomicBool::new(true), address, clones, _site: Some(context) })
    }
}

/// Records the directory of the scope's server.
fn publish(marker: &Path, directory: &Path) -> Result<()> {
    let unfinished = marker.with_extension("unfinished");
    remove_file(&unfinished)?;
    create(&unfinished)
        .and_then(|mut file| file.write_all(directory.as_os_str().as_encoded_bytes()))
        .map_err(file_error("write", &unfinished))?;
    fs::rename(&unfinished, marker).map_err(file_error("rename", marker))
}

/// The directory of the scope's last server, if it still exists.
fn last(marker: &Path, account: &Account) -> Option<ServerDirectory> {
    let path = PathBuf::from(fs::read_to_string(marker).ok()?);
    let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    (named && is_owned_by(&path, account.uid())).then(|| ServerDirectory::existing(path))
}
