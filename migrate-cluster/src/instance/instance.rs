use std::fs::File;
use std::path::Path;

use migrate_core::{Error, ErrorKind, Place, Result};
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

/// A server that keeps its cluster in a directory, and ends with whoever started it.
///
/// It ends by [`Instance::stop`], when it is dropped (at once, within milliseconds for which the drop blocks),
/// and when this process is gone, even after SIGKILL. A second process that starts the same directory
/// attaches to the first one's server, which stays the first one's to stop. [`Instance::detach`] leaves the server
/// running instead.
///
/// ```no_run
/// # async fn example() -> migrate_cluster::Result<()> {
/// use migrate_cluster::{Installation, Instance};
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
    /// The database that is there in any case.
    pub(crate) maintenance_database: String,
    /// `None` if another process runs the server.
    owned: Option<OwnedServer>,
}

/// What we hold of a server that we started.
#[derive(Debug)]
pub(crate) struct OwnedServer {
    // Before the context, whose lock is to be free only when the server has ended.
    pub(crate) guard: Guard,
    /// Says to others that the server ends with us; throwaway ones are nobody else's business.
    _owner: Option<File>,
    pub(crate) context: ProgramContext,
    pub(crate) profile: Profile,
}

impl Instance {
    /// Starts the durable instance in a directory, which is made, cluster and all, where there is none.
    ///
    /// # Errors
    ///
    /// `Instance`, with the end of the server's log, if the server does not start; `File` or `Permission` if the
    /// directory can't be used; `NotInstalled` if a program is missing.
    pub async fn start(installation: &Installation, directory: &Path) -> Result<Instance> {
        Instance::start_with(installation, directory, Profile::durable()).await
    }

    /// The same with a profile of one's own. Where it attaches to a running server, its settings stay as
    /// they are.
    ///
    /// # Errors
    ///
    /// Those of [`Instance::start`].
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

    /// Starts the server of a context that has a cluster, or gets that of an image.
    pub(crate) async fn serve(
        context: ProgramContext,
        profile: Profile,
        owner: Option<File>,
        image: Option<Image>,
    ) -> Result<Instance> {
        let server = Server::start(&context, &profile, image).await?;
        Ok(Instance::of(server, context, profile, owner))
    }

    /// The instance of a server that was just started.
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

    /// Attaches to the server of a directory, whoever runs it; `None` if none accepts connections.
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

    /// Leaves the server running when this process ends. [`NamedInstance::stop`](crate::NamedInstance::stop) stops it, and so does
    /// SIGINT to its process; a server of another process is let be.
    pub fn detach(mut self) {
        if let Some(OwnedServer { guard, .. }) = self.owned.take() {
            guard.stay();
        }
    }

    /// Where to connect to as the superuser `postgres`: the database `postgres`, or `template1` where somebody dropped
    /// that, on the Unix socket.
    pub fn config(&self) -> Config {
        self.address.config(&self.maintenance_database)
    }

    /// The databases and users of it, for the superuser `postgres`.
    pub fn cluster(&self) -> Cluster {
        Cluster::new(self.config().into())
    }

    /// A database of it, which need not exist.
    pub fn database(&self, name: impl Into<String>) -> Database {
        self.cluster().database(name)
    }

    /// A user of it, who need not exist.
    pub fn user(&self, name: impl Into<String>) -> User {
        self.cluster().user(name)
    }

    /// The URL of a database, which psql and tokio-postgres accept.
    pub fn url(&self, database: &str) -> String {
        self.address.url(database)
    }

    /// The port on 127.0.0.1; `None` if it listens on its Unix socket only.
    pub fn port(&self) -> Option<u16> {
        self.address.tcp.then_some(self.address.port)
    }

    /// The directory that everything of the instance is in: the cluster in `data`, the log in `server.log`.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The number of the server's process; `None` while it is stopped.
    pub fn process_id(&self) -> Option<u32> {
        let data = self.directory.data();
        let file = PidFile::read(&data).ok()??;
        file.server(&data)?;
        u32::try_from(file.pid).ok()
    }

    /// Whether this process started the server, and stops it.
    pub fn is_owned(&self) -> bool {
        self.owned.is_some()
    }

    /// Connects to a database as the superuser. The connection ends when the client is dropped.
    ///
    /// # Errors
    ///
    /// `Connect` if the server does not run, or has no such database.
    pub async fn connect(&self, database: &str) -> Result<Client> {
        self.address.connect(database).await
    }

    /// The same to whichever database is there, to work on the server.
    ///
    /// # Errors
    ///
    /// `Connect` if the server does not run, or all its connections are in use.
    pub async fn client(&self) -> Result<Client> {
        self.connect(&self.maintenance_database).await
    }

    /// The database that [`Instance::client`] connects to.
    pub fn maintenance_database(&self) -> &str {
        &self.maintenance_database
    }

    /// Stops the server: disconnects everybody, writes a checkpoint, waits until it ended. One that
    /// takes longer than the profile's deadline is stopped at once. A server of another process is let be.
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

    /// Ends the server's process, and keeps all else.
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

    /// Starts the server anew after [`Instance::halt`].
    pub(crate) async fn resume(&mut self) -> Result<()> {
        let Some(OwnedServer { guard, context, profile, .. }) = &mut self.owned else { return Ok(()) };
        let port = self.address.tcp.then_some(self.address.port);
        let server = Server::start(context, &Profile { port, ..profile.clone() }, None).await?;
        // The new guard watches already when the old one goes.
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

    /// Takes it apart: what we hold of its server.
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
