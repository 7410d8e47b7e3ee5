use std::path::{Path, PathBuf};

use embed_migrate_core::{Error, ErrorKind, Place, Result};

use super::instance::Instance;
use super::instance_record::InstanceRecord;
use super::name;
use super::named_instance::NamedInstance;
use super::new_instance::NewInstance;
use super::registry::FoundInstance;
use super::unfinished_instance::{UnfinishedInstance, clear};
use crate::program::installation::Installation;
use crate::server::initdb::initdb;
use crate::server::program_context::ProgramContext;
use crate::server::start::Server;
use crate::server::{listen_address, port};
use crate::state::limits::InstanceLimits;
use crate::state::server_directory::ServerDirectory;
use crate::state::state_directory::StateDirectory;
use crate::system::account::Account;
use crate::system::clock::now;
use crate::system::file::file_error;
use crate::system::file_lock;

/// The instances and backups of a state directory.
///
/// The server of a [`NamedInstance`] runs until it is stopped. Any number of processes may work on a state directory
/// at the same time.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> embed_migrate_cluster::Result<()> {
/// # let scratch = std::env::temp_dir().join(format!("migrate-doc-instances-{}", std::process::id()));
/// # let state = scratch.as_path();
/// use embed_migrate_cluster::{Flavor, Installation, Instances, NewInstance, InstanceStatus};
///
/// let installation = Installation::find(&|name| std::env::var(name).ok())?;
/// let instances = Instances::open(&installation, state)?;
/// let demo = instances.create(&NewInstance::new("demo", "512MB".parse()?, 2)).await?;
/// demo.attach().await?.database("registry").create().await?;
/// demo.resize("1GB".parse()?).await?;
/// demo.resize_volume(8).await?;
/// assert_eq!(instances.get("demo")?.status().await?, InstanceStatus::Running);
/// demo.delete().await?;
/// assert!(instances.list()?.is_empty());
/// # std::fs::remove_dir_all(state).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Instances {
    pub(crate) state_directory: StateDirectory,
}

impl Instances {
    /// Opens a state directory, and creates it if it does not exist.
    ///
    /// # Errors
    ///
    /// `File` if it can't be created.
    pub fn open(installation: &Installation, directory: &Path) -> Result<Instances> {
        Ok(Instances { state_directory: StateDirectory::open(installation, directory)? })
    }

    /// The default state directory: `MIGRATE_STATE_DIR` if it is set, else `/var/lib/migrate` for root, else
    /// `migrate` in `XDG_STATE_HOME` or `~/.local/state`.
    ///
    /// `variables` returns the value of an environment variable. The environment is not read here.
    ///
    /// # Errors
    ///
    /// `Settings` if there is no home directory.
    #[doc(hidden)]
    pub fn default_directory(variables: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf> {
        let path = |name: &str| variables(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        if let Some(named) = path("MIGRATE_STATE_DIR") {
            return Ok(named);
        }
        if Account::find() != Account::Current {
            return Ok(PathBuf::from("/var/lib/migrate"));
        }
        let state = path("XDG_STATE_HOME").or_else(|| path("HOME").map(|home| home.join(".local/state")));
        state.map(|state| state.join("migrate")).ok_or_else(|| {
            Error::new(ErrorKind::Settings, "there is no home directory for the state directory")
                .help("name a state directory, or set the variable `MIGRATE_STATE_DIR`")
        })
    }

    /// The same with other limits.
    #[doc(hidden)]
    pub fn with_limits(mut self, limits: InstanceLimits) -> Instances {
        self.state_directory.limits = limits;
        self
    }

    /// The limits of instances.
    #[doc(hidden)]
    pub fn limits(&self) -> InstanceLimits {
        self.state_directory.limits
    }

    /// The state directory.
    #[doc(hidden)]
    pub fn directory(&self) -> &Path {
        &self.state_directory.path
    }

    /// Creates an instance, starts its server and leaves it running. If that fails, nothing remains.
    ///
    /// # Errors
    ///
    /// `Name` or `Value` for an invalid name or volume; `Exists` if there is an instance of this name, if another
    /// process is creating it, or if the port is in use; `Full` if there are as many instances as the limit allows;
    /// `Instance`, with the end of the server's log, if it does not start; `NotInstalled` if a program is missing.
    pub async fn create(&self, new: &NewInstance) -> Result<NamedInstance> {
        let (building, record, context) = self.reserve(new).await?;
        initdb(&context).await?.finish(file_lock::WAIT).await;
        self.complete(new, building, record, context).await
    }

    /// The instance of this name.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is none; `Format` if its record can't be read.
    pub fn get(&self, name: &str) -> Result<NamedInstance> {
        name::check(name)?;
        self.state_directory
            .find(name)?
            .map(|found| self.named(found))
            .ok_or_else(|| self.state_directory.absent(name))
    }

    /// All instances, by name. Instances that are being created are included, [damaged ones](Instances::damaged) are
    /// not.
    ///
    /// # Errors
    ///
    /// `File` if the directory can't be read.
    pub fn list(&self) -> Result<Vec<NamedInstance>> {
        Ok(self.state_directory.found()?.into_iter().map(|found| self.named(found)).collect())
    }

    /// The instances whose record can't be read, by name, and why.
    ///
    /// # Errors
    ///
    /// `File` if the directory can't be read.
    #[doc(hidden)]
    pub fn damaged(&self) -> Result<Vec<(String, Error)>> {
        self.state_directory.damaged()
    }

    fn named(&self, found: FoundInstance) -> NamedInstance {
        let FoundInstance { name, directory, record } = found;
        NamedInstance { state_directory: self.state_directory.clone(), name, directory, record }
    }

    /// Reserves the name and the port of a new instance, and locks its directory. Removes the rest of interrupted
    /// creations.
    pub(crate) async fn reserve(
        &self,
        new: &NewInstance,
    ) -> Result<(UnfinishedInstance, InstanceRecord, ProgramContext)> {
        name::check(&new.name)?;
        self.state_directory.limits.check_volume(new.volume)?;
        let making =
            file_lock::wait(&self.state_directory.lock(), "another process has been creating an instance")
                .await?;
        for name in self.state_directory.names()? {
            // The next backup or instance that is created tries again.
            let _ = clear(&self.state_directory.instances().join(&name));
        }
        if let Some(found) = self.state_directory.find(&new.name)? {
            return Err(exists(&found));
        }
        self.state_directory
            .limits
            .check_count(self.state_directory.found()?.len() + self.state_directory.damaged()?.len())?;
        let listen = listen_address::check(&new.listen)?;
        let port = port::choose(new.port, &listen, &self.state_directory.ports()?)?;
        let path = self.state_directory.instances().join(&new.name);
        if path.symlink_metadata().is_ok() {
            return Err(occupied(&path));
        }
        let directory = ServerDirectory::open(&path, &self.state_directory.account)?;
        let unfinished = UnfinishedInstance::new(directory.path());
        let lock = directory.lock()?.ok_or_else(|| busy(&new.name))?;
        let (flavor, volume, created) = (new.flavor, new.volume, now());
        let record = InstanceRecord { flavor, volume, port, listen, created, unfinished: true };
        record.write(directory.path())?;
        drop(making);
        Ok((unfinished, record, self.state_directory.context(directory, lock)))
    }

    /// Completes an instance in a directory that has its cluster.
    pub(crate) async fn complete(
        &self,
        new: &NewInstance,
        mut unfinished: UnfinishedInstance,
        mut record: InstanceRecord,
        context: ProgramContext,
    ) -> Result<NamedInstance> {
        let directory = context.directory.clone();
        if new.stopped {
            unfinished.finish(&record)?;
            // A child process that this process is starting has a copy of the lock, and would keep it until it runs
            // its program.
            context.lock.unlock().map_err(file_error("unlock", directory.path()))?;
        } else {
            let owner = directory.owner()?;
            let server = loop {
                match Server::start(&context, &record.profile(), None).await {
                    // Another program took the port after we chose it.
                    Err(error) if error.kind() == ErrorKind::Exists && new.port.is_none() => {
                        self.move_port(&mut record, &directory).await?;
                    }
                    started => break started.map_err(|error| record.flavor.explain(error))?,
                }
            };
            let instance = Instance::of(server, context, record.profile(), owner);
            unfinished.finish(&record)?;
            instance.detach();
        }
        let record = InstanceRecord { unfinished: false, ..record };
        Ok(NamedInstance {
            state_directory: self.state_directory.clone(),
            name: new.name.clone(),
            directory,
            record,
        })
    }

    async fn move_port(&self, record: &mut InstanceRecord, directory: &ServerDirectory) -> Result<()> {
        let _making =
            file_lock::wait(&self.state_directory.lock(), "another process has been creating an instance")
                .await?;
        record.port = port::choose(None, &record.listen, &self.state_directory.ports()?)?;
        record.write(directory.path())
    }
}

fn exists(found: &FoundInstance) -> Error {
    let error = Error::new(ErrorKind::Exists, format!("there is an instance `{}` already", found.name));
    match found.record.unfinished {
        true => error.note("another process is creating it"),
        false => error.help("take another name, or delete it"),
    }
}

fn occupied(path: &Path) -> Error {
    Error::new(ErrorKind::Exists, "the directory of the instance exists already, but is not an instance")
        .at(Place::file(path.display().to_string()))
        .help("move it away, or take another name")
}

fn busy(name: &str) -> Error {
    Error::new(ErrorKind::Exists, format!("another process is creating the instance `{name}`"))
}
