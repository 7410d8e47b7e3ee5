use std::fs;
use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use tokio_postgres::Config;

use super::base_image;
use super::directory::create_context;
use crate::image::Image;
use crate::instance::instance::{Instance, OwnedServer};
use crate::program::guard::{Guard, Signal};
use crate::program::installation::Installation;
use crate::server::initdb::initdb;
use crate::server::pid_file::PidFile;
use crate::server::profile::Profile;
use crate::server::program_context::ProgramContext;
use crate::system::file::{file_error, remove};
use crate::system::scratch;

/// A server for tests. Its directory is removed when it is dropped or this process ends, even by SIGKILL.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> embed_migrate_cluster::Result<()> {
/// use embed_migrate_cluster::{Installation, Throwaway};
///
/// let installation = Installation::find(&|name| std::env::var(name).ok())?;
/// let server = Throwaway::start(&installation).await?;
/// server.instance().database("demo").create().await?;
/// let client = server.instance().connect("demo").await?;
/// client.batch_execute("CREATE TABLE study (title text)").await.unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Throwaway {
    pub(super) instance: Instance,
}

impl Throwaway {
    /// Starts a server with a new cluster, in `/dev/shm` if 200 MB are free there, else in `/tmp`.
    ///
    /// The cluster is a copy of one that `initdb` created once for this installation. So all such servers have the
    /// same system identifier.
    ///
    /// # Errors
    ///
    /// `Instance`, with the end of the server's log, if it does not start; `NotInstalled` if a program is missing.
    pub async fn start(installation: &Installation) -> Result<Throwaway> {
        Throwaway::start_with(installation, Profile::throwaway()).await
    }

    /// The same with another profile.
    ///
    /// # Errors
    ///
    /// The errors of [`Throwaway::start`].
    #[doc(hidden)]
    pub async fn start_with(installation: &Installation, profile: Profile) -> Result<Throwaway> {
        let image = base_image::base(installation, &profile).await?;
        Throwaway::serve_image(create_context(installation, &profile)?, profile, image).await
    }

    /// Starts the server of an image, or of a new cluster if there is none.
    pub(super) async fn serve_image(
        context: ProgramContext,
        profile: Profile,
        image: Option<Image>,
    ) -> Result<Throwaway> {
        match image {
            Some(image) => {
                let instance = Instance::serve(context, profile, None, Some(image)).await?;
                Ok(Throwaway { instance })
            }
            None => {
                let guard = initdb(&context).await?;
                Throwaway::serve(context, profile, guard).await
            }
        }
    }

    /// Starts the server of a new cluster, and releases the guard of `initdb`.
    pub(crate) async fn serve(context: ProgramContext, profile: Profile, guard: Guard) -> Result<Throwaway> {
        let instance = Instance::serve(context, profile, None, None).await?;
        guard.release();
        Ok(Throwaway { instance })
    }

    /// The instance, for everything that is not special to a throwaway server.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// The connection settings of the superuser `postgres`, on the Unix socket, for the database `postgres`, or for
    /// the filled one.
    pub fn config(&self) -> Config {
        self.instance.config()
    }

    /// The URL of a database, for psql and tokio-postgres.
    #[doc(hidden)]
    pub fn url(&self, database: &str) -> String {
        self.instance.url(database)
    }

    /// Creates an empty database with a unique name, and returns its connection settings.
    ///
    /// # Errors
    ///
    /// `Connect` if the server does not run, `Sql` if it refuses.
    pub async fn database(&self) -> Result<Config> {
        let name = format!("test_{}", scratch::random_word());
        self.instance.database(&name).create().await?;
        let mut config = self.config();
        config.dbname(name);
        Ok(config)
    }

    /// Stops the server as a crash does, without a checkpoint, and keeps the cluster for [`Throwaway::restart`]. Even
    /// with `fsync` off nothing is lost: only a crash of the machine loses data.
    ///
    /// # Errors
    ///
    /// `Instance` if the server does not end.
    #[doc(hidden)]
    pub async fn crash(&mut self) -> Result<()> {
        self.instance.halt(Signal::Immediate).await
    }

    /// Starts the server again, on the same cluster and port. A running server is stopped first.
    ///
    /// # Errors
    ///
    /// The errors of [`Throwaway::start`].
    #[doc(hidden)]
    pub async fn restart(&mut self) -> Result<()> {
        self.instance.halt(Signal::Fast).await?;
        self.instance.resume().await
    }

    /// Stops the server at once, and waits until its directory is removed.
    ///
    /// # Errors
    ///
    /// `Instance` if the server does not end.
    pub async fn stop(self) -> Result<()> {
        let Some(owned) = self.instance.into_owned_server() else { return Ok(()) };
        let ended = tokio::task::spawn_blocking(move || end(owned)).await;
        ended.map_err(|error| Error::new(ErrorKind::Instance, "a thread ended").caused_by(error))?
    }
}

/// Removes the databases while the server ends, which does not read them any more, and then the rest.
///
/// If this process dies meanwhile, the guard does it.
fn end(owned: OwnedServer) -> Result<()> {
    let OwnedServer { mut guard, context, profile, .. } = owned;
    guard.signal(Signal::Immediate);
    let base = context.directory.data().join("base");
    let removed = remove_in_parallel(&base);
    if guard.ended_blocking(profile.deadline).is_none() {
        guard.signal(Signal::Kill);
        if guard.ended_blocking(profile.deadline).is_none() {
            return Err(Error::new(ErrorKind::Instance, "the server does not end")
                .at(Place::file(context.directory.path().display().to_string())));
        }
    }
    removed?;
    if PidFile::read(&context.directory.data())?.is_none() {
        remove(context.directory.path())?;
        guard.keep();
    }
    // Otherwise the guard removes the shared memory that a killed server left.
    guard.finish_blocking(profile.deadline);
    Ok(())
}

/// Removes the subdirectories with two threads: this takes as long as the rest of the end.
fn remove_in_parallel(directory: &Path) -> Result<()> {
    let entries = fs::read_dir(directory).map_err(file_error("read", directory))?;
    let paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    let (one, other) = paths.split_at(paths.len() / 2);
    let remove_all = |paths: &[PathBuf]| paths.iter().try_for_each(|path| remove(path));
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| remove_all(other));
        let own = remove_all(one);
        thread.join().unwrap_or(Ok(())).and(own)
    })
}
