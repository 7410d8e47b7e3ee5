use std::path::{Path, PathBuf};

use migrate_core::{Error, ErrorKind, Place, Result};
use tokio_postgres::Config;

use crate::account::Account;
use crate::guard::{Guard, Signal};
use crate::initdb::initdb;
use crate::reaper;
use crate::scratch;
use crate::site::Site;
use crate::state::State;
use crate::{Installation, Instance, Profile};

/// Memory for files, where a cluster is made and removed many times faster than on a disk.
const MEMORY: &str = "/dev/shm";

/// What a cluster and some databases take, in bytes. A container often has 64 MB there.
const ROOM: u64 = 200 * 1024 * 1024;

/// A server for tests: fresh, fast, and gone with its directory when it is dropped or this process is gone,
/// even after SIGKILL.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> migrate_cluster::Result<()> {
/// use migrate_cluster::{Installation, Throwaway};
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
    instance: Instance,
}

impl Throwaway {
    /// Starts a server with a fresh cluster, in `/dev/shm` if 200 MB are free there, else in `/tmp`.
    ///
    /// # Errors
    ///
    /// `Instance`, with the end of the server's log, if it does not start; `NotInstalled` if a program is missing.
    pub async fn start(installation: &Installation) -> Result<Throwaway> {
        Throwaway::start_with(installation, Profile::throwaway()).await
    }

    /// The same with a profile of one's own.
    ///
    /// # Errors
    ///
    /// Those of [`Throwaway::start`].
    pub async fn start_with(installation: &Installation, profile: Profile) -> Result<Throwaway> {
        let site = site(installation, &profile)?;
        let guard = initdb(&site).await?;
        Throwaway::serve(site, profile, guard).await
    }

    /// Starts the server of a cluster that was just made, and takes over from the guard of its making.
    pub(crate) async fn serve(site: Site, profile: Profile, guard: Guard) -> Result<Throwaway> {
        let instance = Instance::serve(site, profile, None).await?;
        guard.release();
        Ok(Throwaway { instance })
    }

    /// The instance, for whatever is not special to a throwaway one.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Where to connect to as the superuser `postgres`: the database `postgres`, on the Unix socket.
    pub fn config(&self) -> Config {
        self.instance.config()
    }

    /// The URL of a database, which psql and tokio-postgres accept.
    pub fn url(&self, database: &str) -> String {
        self.instance.url(database)
    }

    /// A fresh, empty database with a name of its own: where to connect to.
    ///
    /// # Errors
    ///
    /// `Connect` if the server does not run, `Sql` if it refuses.
    pub async fn database(&self) -> Result<Config> {
        let name = format!("test_{}", scratch::word());
        self.instance.database(&name).create().await?;
        let mut config = self.config();
        config.dbname(name);
        Ok(config)
    }

    /// Stops the server as a crash does, without a checkpoint, and keeps the cluster for
    /// [`Throwaway::restart`]. With `fsync` off nothing is lost either: that takes a crash of the machine.
    ///
    /// # Errors
    ///
    /// `Instance` if the server does not end.
    pub async fn crash(&mut self) -> Result<()> {
        self.instance.halt(Signal::Immediate).await
    }

    /// Starts the server again, on the same cluster and port, after a proper stop if it runs.
    ///
    /// # Errors
    ///
    /// Those of [`Throwaway::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.instance.halt(Signal::Fast).await?;
        self.instance.resume().await
    }

    /// Stops the server at once, and waits until its directory is gone.
    ///
    /// # Errors
    ///
    /// `Instance` if the server does not end.
    pub async fn stop(mut self) -> Result<()> {
        self.instance.halt(Signal::Immediate).await?;
        self.instance.stop().await
    }
}

/// A fresh directory, locked; those of dead runs are removed meanwhile.
pub(crate) fn site(installation: &Installation, profile: &Profile) -> Result<Site> {
    let account = Account::find();
    let base = base(&profile.temporary);
    reaper::start(base.clone(), account.uid());
    let (state, lock) = reaper::shelter(&base, &account)?;
    Ok(Site { installation: installation.clone(), account, state, lock, throwaway: true })
}

fn base(temporary: &Path) -> PathBuf {
    let room = rustix::fs::statvfs(MEMORY).is_ok_and(|file_system| {
        let free = file_system.f_bavail.saturating_mul(file_system.f_frsize);
        free >= ROOM
    });
    if room { PathBuf::from(MEMORY) } else { temporary.to_owned() }
}

/// The error for a lock that another holds, where nobody knows the directory but us.
pub(crate) fn taken(state: &State) -> Error {
    Error::new(ErrorKind::Instance, "another process took the lock of a fresh directory")
        .at(Place::file(state.path().display().to_string()))
}
