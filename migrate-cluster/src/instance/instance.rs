use std::fs::File;
use std::path::Path;

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use tokio_postgres::{Client, Config};

use crate::cluster::cluster::Cluster;
use crate::database::database::Database;
use crate::image::Image;
use crate::program::guard::{Guard, Signal};
use crate::program::installation::Installation;
use crate::server::initdb::initdb;
use crate::server::pid_file::PidFile;
use crate::server::profile::Profile;
use crate::server::program_context::ProgramContext;
use crate::server::server_address::ServerAddress;
use crate::server::start::Server;
use crate::state::server_directory::ServerDirectory;
use crate::system::account::Account;
use crate::system::poll::PollTimer;
use crate::user::user::User;

/// A server with its cluster in a directory, which ends with the process that started it.
///
/// [`Instance::stop`] ends it; so does dropping it (at once: the drop blocks for milliseconds), and so does the end
/// of this process, even by SIGKILL. A second process that starts the same directory uses the first one's server, and
/// does not stop it. [`Instance::detach`] leaves the server running.
///
/// ```no_run
/// # async fn example() -> embed_migrate_cluster::Result<()> {
/// use embed_migrate_cluster::{Installation, Instance};
///
/// let installation = Installation::find(&|name| std::env::var(name).ok())?;
/// let instance = Instance::start(&installation, "state/demo".as_ref()).await?;
/// instance.database("demo").create().await?;
/// let client = instance.connect("demo").await?;
/// # drop(client);
/// instance.stop().await
/// # }
/// ```
#[derive(Debug)]
pub struct Instance {
    directory: ServerDirectory,
    address: ServerAddress,
    /// A database that exists in any case.
    pub(crate) maintenance_database: String,
    /// `None` if another process runs the server.
    owned: Option<OwnedServer>,
}

/// The parts of a server that this process started.
#[derive(Debug)]
pub(crate) struct OwnedServer {
    // Before the context: its lock must become free after the server has ended.
    pub(crate) guard: Guard,
    /// The lock that shows others that the server ends with this process. Throwaway servers have none.
    _owner: Option<File>,
    pub(crate) context: ProgramContext,
    pub(crate) profile: Profile,
}

impl Instance {
    /// Starts the durable instance in a directory. Creates the directory and the cluster if they do not exist.
    ///
    /// # Errors
    ///
    /// `Instance`, with the end of the server's log, if the server does not start; `File` or `Permission` if the
    /// directory can't be used; `NotInstalled` if a program is missing.
    pub async fn start(installation: &Installation, directory: &Path) -> Result<Instance> {
        Instance::start_with(installation, directory, Profile::durable()).await
    }

    /// The same with another profile. A server that runs already keeps its settings.
    ///
    /// # Errors
    ///
    /// The errors of [`Instance::start`].
    #[doc(hidden)]
    pub async fn start_with(
        installation: &Installation,
        directory: &Path,
        profile: Profile,
    ) -> Result<Instance> {
        let account = Account::of(directory);
        let directory = ServerDirectory::open(directory, &account)?;
        let mut timer = PollTimer::new(profile.deadline);
        loop {
            if let Some(lock) = directory.lock()? {
                if let Some(owner) = directory.owner()? {
                    let installation = installation.clone();
                    let context = ProgramContext {
                        installation,
                        account,
                        directory,
                        lock,
                        throwaway: false,
                        shared: false,
                    };
                    return Instance::begin(context, profile, owner).await;
                }
            } else if let Some(instance) = Instance::attach(&directory).await? {
                return Ok(instance);
            }
            if !timer.wait().await {
                return Err(lock_timeout(&directory, &profile));
            }
        }
    }

    async fn begin(context: ProgramContext, profile: Profile, owner: File) -> Result<Instance> {
        if !context.directory.data().is_dir() {
            drop(initdb(&context).await?);
        }
        Instance::serve(context, profile, Some(owner), None).await
    }

    /// Starts the server of a context. Its cluster exists, or is unpacked from an image.
    pub(crate) async fn serve(
        context: ProgramContext,
        profile: Profile,
        owner: Option<File>,
        image: Option<Image>,
    ) -> Result<Instance> {
        let server = Server::start(&context, &profile, image).await?;
        Ok(Instance::of(server, context, profile, owner))
    }

    /// The instance of a server that has just been started.
    pub(crate) fn of(
        server: Server,
        context: ProgramContext,
        profile: Profile,
        owner: Option<File>,
    ) -> Instance {
        let (directory, Server { guard, address, maintenance_database }) =
            (context.directory.clone(), server);
        Instance {
            directory,
            address,
            maintenance_database: maintenance_database.to_owned(),
            owned: Some(OwnedServer { guard, _owner: owner, context, profile }),
        }
    }

    /// Connects to the running server of a directory; `None` if none accepts connections.
    pub(crate) async fn attach(directory: &ServerDirectory) -> Result<Option<Instance>> {
        let Some(file) = PidFile::read(&directory.data())? else { return Ok(None) };
        let address = ServerAddress::of(&file);
        let maintenance_database = address.maintenance_database().await;
        Ok(maintenance_database.map(|maintenance_database| Instance {
            directory: directory.clone(),
            address,
            maintenance_database: maintenance_database.to_owned(),
            owned: None,
        }))
    }

    /// Leaves the server running when this process ends. [`NamedInstance::stop`](crate::NamedInstance::stop) or
    /// SIGINT stops it. A server of another process is left alone.
    #[doc(hidden)]
    pub fn detach(mut self) {
        if let Some(OwnedServer { guard, .. }) = self.owned.take() {
            guard.stay();
        }
    }

    /// The connection settings of the superuser `postgres`, on the Unix socket, for the database `postgres`, or
    /// `template1` if that was dropped.
    #[doc(hidden)]
    pub fn config(&self) -> Config {
        self.address.config(&self.maintenance_database)
    }

    /// Its databases and users, for the superuser `postgres`.
    pub fn cluster(&self) -> Cluster {
        Cluster::new(self.config().into())
    }

    /// A database of this cluster. It need not exist.
    pub fn database(&self, name: impl Into<String>) -> Database {
        self.cluster().database(name)
    }

    /// A user of it, which need not exist.
    #[doc(hidden)]
    pub fn user(&self, name: impl Into<String>) -> User {
        self.cluster().user(name)
    }

    /// The URL of a database, for psql and tokio-postgres.
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    /// The TCP port; `None` if it has its Unix socket only.
    #[doc(hidden)]
    pub fn port(&self) -> Option<u16> {
        self.address.tcp.then_some(self.address.port)
    }

    /// The instance's directory: the cluster is in `data`, the log is `server.log`.
    #[doc(hidden)]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The process id of the server; `None` if it is stopped.
    #[doc(hidden)]
    pub fn process_id(&self) -> Option<u32> {
        let data = self.directory.data();
        let file = PidFile::read(&data).ok()??;
        file.server(&data)?;
        u32::try_from(file.pid).ok()
    }

    /// Whether this process started the server, and will stop it.
    #[doc(hidden)]
    pub fn is_owned(&self) -> bool {
        self.owned.is_some()
    }

    /// Connects to a database as the superuser. The connection ends when the client is dropped.
    ///
    /// # Errors
    ///
    /// `Connect` if the server does not run, or has no such database.
    #[doc(hidden)]
    pub async fn connect(&self, database: &str) -> Result<Client> {
        self.address.connect(database).await
    }

    /// Connects to a database that exists in any case, to work on the server.
    ///
    /// # Errors
    ///
    /// `Connect` if the server does not run, or all its connections are in use.
    #[doc(hidden)]
    pub async fn client(&self) -> Result<Client> {
        self.connect(&self.maintenance_database).await
    }

    /// The database that [`Instance::client`] connects to.
    #[doc(hidden)]
    pub fn maintenance_database(&self) -> &str {
        &self.maintenance_database
    }

    /// Stops the server: ends all sessions, writes a checkpoint, and waits until it has ended. After the profile's
    /// deadline, stops it at once. A server of another process is left alone.
    ///
    /// # Errors
    ///
    /// `Instance` if the server does not end.
    pub async fn stop(mut self) -> Result<()> {
        self.halt(Signal::Fast).await?;
        if let Some(OwnedServer { guard, profile, .. }) = self.owned.take() {
            guard.finish(profile.deadline).await;
        }
        Ok(())
    }

    /// Ends the server's process and keeps everything else.
    pub(crate) async fn halt(&mut self, first: Signal) -> Result<()> {
        let Some(OwnedServer { guard, profile, .. }) = &mut self.owned else { return Ok(()) };
        for signal in [first, Signal::Immediate, Signal::Kill] {
            guard.signal(signal);
            if guard.ended(profile.deadline).await.is_some() {
                return Ok(());
            }
        }
        Err(Error::new(ErrorKind::Instance, "the server does not end")
            .at(Place::file(self.directory.path().display().to_string())))
    }

    /// Starts the server again after [`Instance::halt`].
    pub(crate) async fn resume(&mut self) -> Result<()> {
        let Some(OwnedServer { guard, context, profile, .. }) = &mut self.owned else { return Ok(()) };
        let port = self.address.tcp.then_some(self.address.port);
        let server = Server::start(context, &Profile { port, ..profile.clone() }, None).await?;
        // The new guard watches before the old one is released.
        std::mem::replace(guard, server.guard).release();
        self.address = server.address;
        Ok(())
    }

    pub(crate) fn address(&self) -> &ServerAddress {
        &self.address
    }

    pub(crate) fn owned_server(&self) -> Option<&OwnedServer> {
        self.owned.as_ref()
    }

    /// The parts of the server that this process started.
    pub(crate) fn into_owned_server(self) -> Option<OwnedServer> {
        self.owned
    }
}

fn lock_timeout(directory: &ServerDirectory, profile: &Profile) -> Error {
    let clause = format!(
        "another process runs this instance, and its server accepts no connections after {:?}",
        profile.deadline
    );
    Error::new(ErrorKind::Instance, clause)
        .at(Place::file(directory.path().display().to_string()))
        .help("look at `server.log` there; the other process holds a lock on the file `lock`")
}
