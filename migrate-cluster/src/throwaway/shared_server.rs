use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use migrate_core::{Error, ErrorKind, Result};
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

/// A throwaway server that processes share, and that ends with the last of them, however that ends.
///
/// Nobody owns it: each process holds the writing end of a named pipe, and the server's guard, which reads it, ends
/// the server when the kernel has closed the last one. Where all tests have ended by then, the guard waits for more
/// of the same run: while the parent of the last process lives (`cargo`, or another runner), at most 3 s. After a
/// failed test the server stays for 10 minutes, or until the next one of its scope is started.
#[derive(Debug)]
pub struct SharedServer {
    hold: File,
    /// Whether the first test has begun with the join, so that no moment is without one.
    begun: AtomicBool,
    address: ServerAddress,
    clones: Clones,
    /// Whoever started it keeps its lock as well: the server then outlives its guard.
    _site: Option<ProgramContext>,
}

impl SharedServer {
    /// Takes hold of the server of a scope, and starts it where there is none. It is started from the content's image,
    /// so that copies of that database are there at once.
    ///
    /// A scope is any text, such as a directory: who names the same shares a server, with all its roles. What goes
    /// on between tests runs on `runtime`, which must live as long as this.
    ///
    /// # Errors
    ///
    /// Those of [`Throwaway::start_filled`](crate::Throwaway::start_filled).
    pub async fn join(
        installation: &Installation,
        profile: Profile,
        scope: &str,
        content: &impl DatabaseContent,
        runtime: &Handle,
    ) -> Result<SharedServer> {
        let account = Account::find();
        let Some(cache) = Cache::open(&profile) else {
            // Nowhere to tell others about it.
            return Started::start(installation, profile, content).await?.shared(runtime).await;
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
            // One that stayed for its databases goes now.
            remove_file(&directory.kept_marker())?;
        }
        let started = Started::start(installation, profile, content).await?;
        publish(&marker, started.context.directory.path())?;
        started.shared(runtime).await
    }

    /// Takes hold of a server that runs; `None` where none does.
    async fn attach(marker: &Path, account: &Account, runtime: &Handle) -> Option<SharedServer> {
        let directory = last(marker, account)?;
        let hold = hold_pipe::open(&directory.hold_pipe()).ok()?;
        // The guard takes the marker away before it looks for the last time whether somebody holds the pipe.
        if !fs::symlink_metadata(directory.open_marker()).is_ok_and(|found| found.is_file()) {
            return None;
        }
        begin(&hold).ok()?;
        let file = PidFile::read(&directory.data()).ok()??;
        let address = ServerAddress::of(&file);
        // A server that has crashed takes no connections: another is started.
        let clones = Clones::open(&address, directory.path(), runtime).await.ok()?;
        Some(SharedServer { hold, begun: AtomicBool::new(true), address, clones, _site: None })
    }

    /// Gives a copy of the content's database for one test: its name. The test ends with [`SharedServer::finish`] or
    /// [`SharedServer::keep`].
    ///
    /// # Errors
    ///
    /// Those of [`DatabaseContent::fill`]; `Connect` or `Sql` if the server has gone or refuses.
    pub async fn database(&self, content: &impl DatabaseContent) -> Result<String> {
        if !self.begun.swap(false, Ordering::SeqCst) {
            begin(&self.hold)?;
        }
        let made = self.clones.take(content).await;
        if made.is_err() {
            say(&self.hold, "-")?;
        }
        made
    }

    /// Ends a test that succeeded: its database goes some time later, when there are too many of them.
    pub fn finish(&self, database: String) {
        self.clones.finish(database);
        // A server that is gone needs not be told.
        let _ = say(&self.hold, "-");
    }

    /// Ends a test that failed, and keeps its database, with the test's name as its comment; `false` if as many
    /// are kept as there is room for.
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

    /// Where to connect to as the superuser `postgres`, on the Unix socket.
    pub fn config(&self, database: &str) -> Config {
        self.address.config(database)
    }

    /// The URL of a database, which psql and tokio-postgres accept.
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }
}

/// Tells the guard that a test begins, and whose process the run is.
fn begin(hold: &File) -> Result<()> {
    say(hold, &format!("+ {}", parent_id()))
}

fn say(mut hold: &File, words: &str) -> Result<()> {
    // One write: others write too.
    hold.write_all(format!("{words}\n").as_bytes()).map_err(|error| gone().caused_by(error))
}

fn gone() -> Error {
    Error::new(ErrorKind::Instance, "the server for tests is gone")
}

/// A server that was just started.
struct Started {
    context: ProgramContext,
    hold: File,
    address: ServerAddress,
}

impl Started {
    async fn start(
        installation: &Installation,
        profile: Profile,
        content: &impl DatabaseContent,
    ) -> Result<Started> {
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
            // Which the image lacks; whoever takes copies must be in another database than those that are copied.
            let client = address.connect("template1").await?;
            send(&client, &copy(&client, "postgres", "template1").await?).await?;
        }
        let owned = instance.into_owned_server().ok_or_else(gone)?;
        let path = owned.context.directory.open_marker();
        create(&path).map_err(file_error("make", &path))?;
        let hold = owned.guard.share().ok_or_else(gone)?;
        begin(&hold)?;
        Ok(Started { context: owned.context, hold, address })
    }

    async fn shared(self, runtime: &Handle) -> Result<SharedServer> {
        let Started { context, hold, address } = self;
        let clones = Clones::open(&address, context.directory.path(), runtime).await?;
        Ok(SharedServer { hold, begun: AtomicBool::new(true), address, clones, _site: Some(context) })
    }
}

/// Says where the scope's server is.
fn publish(marker: &Path, directory: &Path) -> Result<()> {
    let unfinished = marker.with_extension("unfinished");
    remove_file(&unfinished)?;
    create(&unfinished)
        .and_then(|mut file| file.write_all(directory.as_os_str().as_encoded_bytes()))
        .map_err(file_error("write", &unfinished))?;
    fs::rename(&unfinished, marker).map_err(file_error("rename", marker))
}

/// The directory of the scope's last server, if it is there still.
fn last(marker: &Path, account: &Account) -> Option<ServerDirectory> {
    let path = PathBuf::from(fs::read_to_string(marker).ok()?);
    let named = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(PREFIX));
    (named && is_owned_by(&path, account.uid())).then(|| ServerDirectory::existing(path))
}
