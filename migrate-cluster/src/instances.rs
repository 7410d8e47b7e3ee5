use std::fs::{self, File};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use migrate_core::{Error, ErrorKind, Place, Result};

use crate::account::Account;
use crate::building::{Building, clear};
use crate::file::{make_all, refused};
use crate::flock;
use crate::initdb::initdb;
use crate::pace::Pace;
use crate::server::Server;
use crate::site::Site;
use crate::state::State;
use crate::terms::Terms;
use crate::{Installation, Instance, Limits, Named, NewInstance, instance_name, listen, port};

/// How long to wait for another process that changes the same: what it does under these locks takes
/// milliseconds, or as long as a server stops and starts.
pub(crate) const WAIT: Duration = Duration::from_secs(60);

/// Where the instances are in a state directory.
pub(crate) const INSTANCES: &str = "instances";

/// Where the backups are.
pub(crate) const BACKUPS: &str = "backups";

/// The instances of a state directory, by their names, and their backups.
///
/// A named instance's server runs until it is stopped, whoever started it: [`Named`] tells. Any number of
/// processes may work on a state directory at once.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> migrate_cluster::Result<()> {
/// # let scratch = std::env::temp_dir().join(format!("migrate-doc-instances-{}", std::process::id()));
/// # let state = scratch.as_path();
/// use migrate_cluster::{Flavor, Installation, Instances, NewInstance, Status};
///
/// let installation = Installation::find(&|name| std::env::var(name).ok())?;
/// let instances = Instances::open(&installation, state)?;
/// let demo = instances.create(&NewInstance::new("demo", "512MB".parse()?, 2)).await?;
/// demo.attach().await?.database("registry").create().await?;
/// demo.resize("1GB".parse()?).await?;
/// demo.resize_volume(8).await?;
/// assert_eq!(instances.get("demo")?.status().await?, Status::Running);
/// demo.delete().await?;
/// assert!(instances.list()?.is_empty());
/// # std::fs::remove_dir_all(state).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Instances {
    pub(crate) installation: Installation,
    pub(crate) account: Account,
    pub(crate) directory: PathBuf,
    pub(crate) limits: Limits,
}

impl Instances {
    /// Opens a state directory, and makes it where there is none.
    ///
    /// # Errors
    ///
    /// `File` if it can't be made.
    pub fn open(installation: &Installation, directory: &Path) -> Result<Instances> {
        let account = Account::of_known(directory);
        for part in [INSTANCES, BACKUPS] {
            make_shelter(&directory.join(part), account.directory_mode())?;
        }
        let directory = directory.canonicalize().map_err(refused("find", directory))?;
        let limits = Limits::default();
        Ok(Instances { installation: installation.clone(), account, directory, limits })
    }

    /// Where the state directory is unless somebody says otherwise: where `MIGRATE_STATE_DIR` says, else
    /// `/var/lib/migrate` for root, else `migrate` in `XDG_STATE_HOME` or `~/.local/state`.
    ///
    /// `variables` answers for the environment's variables, which are not read here.
    ///
    /// # Errors
    ///
    /// `Settings` if there is no home directory either.
    pub fn usual_directory(variables: &dyn Fn(&str) -> Option<String>) -> Result<PathBuf> {
        let path = |name: &str| variables(name).filter(|path| !path.is_empty()).map(PathBuf::from);
        if let Some(named) = path("MIGRATE_STATE_DIR") {
            return Ok(named);
        }
        if Account::find() != Account::Ours {
            return Ok(PathBuf::from("/var/lib/migrate"));
        }
        let state = path("XDG_STATE_HOME").or_else(|| path("HOME").map(|home| home.join(".local/state")));
        state.map(|state| state.join("migrate")).ok_or_else(|| {
            Error::new(ErrorKind::Settings, "there is no home directory for the state directory to be in")
                .help("name one, or set the variable `MIGRATE_STATE_DIR`")
        })
    }

    /// The same with limits of one's own.
    pub fn with_limits(mut self, limits: Limits) -> Instances {
        self.limits = limits;
        self
    }

    /// What instances may have at most.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// The state directory.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Makes an instance, starts its server and leaves it running. Where that fails, nothing stays.
    ///
    /// # Errors
    ///
    /// `Value` for a name or a volume that can't be; `Exists` if there is an instance of this name, if another process
    /// is making it, or if the port is in use; `Full` where there are as many as may be; `Instance`, with the end of the
    /// server's log, if it does not start; `NotInstalled` if a program is missing.
    pub async fn create(&self, new: &NewInstance) -> Result<Named> {
        let (building, terms, site) = self.reserve(new).await?;
        initdb(&site).await?.finish(WAIT).await;
        self.complete(new, building, terms, site).await
    }

    /// The instance of this name.
    ///
    /// # Errors
    ///
    /// `NotFound` if there is none; `Format` if what its directory says of it can't be understood.
    pub fn get(&self, name: &str) -> Result<Named> {
        instance_name::admit(name)?;
        self.find(name)?.ok_or_else(|| self.absent(name))
    }

    /// All instances, by name, those included that are being made, but not the [damaged ones](Instances::damaged).
    ///
    /// # Errors
    ///
    /// `File` if the directory can't be read.
    pub fn list(&self) -> Result<Vec<Named>> {
        let names = self.names()?;
        Ok(names.iter().filter_map(|name| self.find(name).ok().flatten()).collect())
    }

    /// The instances of which what their directory says can't be understood, by name, and why.
    ///
    /// # Errors
    ///
    /// `File` if the directory can't be read.
    pub fn damaged(&self) -> Result<Vec<(String, Error)>> {
        let names = self.names()?.into_iter();
        Ok(names.filter_map(|name| self.find(&name).err().map(|error| (name, error))).collect())
    }

    pub(crate) fn place(&self) -> PathBuf {
        self.directory.join(INSTANCES)
    }

    /// Whoever holds this makes an instance or a backup.
    pub(crate) fn lock(&self) -> PathBuf {
        self.directory.join("lock")
    }

    fn names(&self) -> Result<Vec<String>> {
        let place = self.place();
        let mut names = Vec::new();
        for entry in fs::read_dir(&place).map_err(refused("read", &place))? {
            names.extend(entry.map_err(refused("read", &place))?.file_name().into_string());
        }
        names.sort();
        Ok(names)
    }

    fn find(&self, name: &str) -> Result<Option<Named>> {
        let path = self.place().join(name);
        if instance_name::admit(name).is_err() || !path.is_dir() {
            return Ok(None);
        }
        let Some(terms) = Terms::read(&path)? else { return Ok(None) };
        // Not opened, which makes what is missing: it may be deleted at this moment.
        // The process of a server stands in a directory without links.
        let Ok(path) = path.canonicalize() else { return Ok(None) };
        let state = State::made(path);
        if terms.unfinished && !state.is_locked()? {
            return Ok(None);
        }
        Ok(Some(Named { instances: self.clone(), name: name.to_owned(), state, terms }))
    }

    pub(crate) fn absent(&self, name: &str) -> Error {
        let error = Error::new(ErrorKind::NotFound, format!("there is no instance `{name}`"));
        let names: Vec<String> =
            self.list().unwrap_or_default().iter().map(|named| format!("`{}`", named.name)).collect();
        match names.is_empty() {
            true => error.help(format!("there are none in {}", self.directory.display())),
            false => error.help(format!("there are {}", names.join(", "))),
        }
    }

    /// Takes the name and the port for a new instance, and locks its directory. What creations left that
    /// were killed goes.
    pub(crate) async fn reserve(&self, new: &NewInstance) -> Result<(Building, Terms, Site)> {
        instance_name::admit(&new.name)?;
        self.limits.admit_volume(new.volume)?;
        let making = wait(&self.lock(), "another process makes an instance").await?;
        for name in self.names()? {
            // What can't be removed now, the next one removes.
            let _ = clear(&self.place().join(&name));
        }
        if let Some(named) = self.find(&new.name)? {
            return Err(exists(&named));
        }
        self.limits.admit_instance(self.list()?.len() + self.damaged()?.len())?;
        let listen = listen::admit(&new.listen)?;
        let port = port::choose(new.port, &listen, &self.ports()?)?;
        let path = self.place().join(&new.name);
        if path.symlink_metadata().is_ok() {
            return Err(occupied(&path));
        }
        let state = State::open(&path, &self.account)?;
        let building = Building::new(state.path());
        let lock = state.lock()?.ok_or_else(|| busy(&new.name))?;
        let (flavor, volume, created) = (new.flavor, new.volume, now());
        let terms = Terms { flavor, volume, port, listen, created, unfinished: true };
        terms.write(state.path())?;
        drop(making);
        Ok((building, terms, self.site(state, lock)))
    }

    pub(crate) fn site(&self, state: State, lock: File) -> Site {
        let (installation, account) = (self.installation.clone(), Account::of(state.path()));
        Site { installation, account, state, lock, throwaway: false, shared: false }
    }

    /// Makes an instance of a directory that has its cluster.
    pub(crate) async fn complete(
        &self,
        new: &NewInstance,
        mut building: Building,
        mut terms: Terms,
        site: Site,
    ) -> Result<Named> {
        let state = site.state.clone();
        if new.stopped {
            building.finish(&terms)?;
            // A process that this one is just making has a copy, and would keep the lock until it runs its program.
            site.lock.unlock().map_err(refused("unlock", state.path()))?;
        } else {
            let owner = state.owner()?;
            let server = loop {
                match Server::start(&site, &terms.profile(), None).await {
                    // It was free when we chose it.
                    Err(error) if error.kind() == ErrorKind::Exists && new.port.is_none() => {
                        self.move_port(&mut terms, &state).await?;
                    }
                    started => break started.map_err(|error| terms.flavor.explain(error))?,
                }
            };
            let instance = Instance::of(server, site, terms.profile(), owner);
            building.finish(&terms)?;
            instance.detach();
        }
        let terms = Terms { unfinished: false, ..terms };
        Ok(Named { instances: self.clone(), name: new.name.clone(), state, terms })
    }

    async fn move_port(&self, terms: &mut Terms, state: &State) -> Result<()> {
        let _making = wait(&self.lock(), "another process makes an instance").await?;
        terms.port = port::choose(None, &terms.listen, &self.ports()?)?;
        terms.write(state.path())
    }

    /// The ports that instances have, and whose they are.
    pub(crate) fn ports(&self) -> Result<Vec<(u16, String)>> {
        Ok(self.list()?.into_iter().map(|named| (named.terms.port, named.name)).collect())
    }
}

/// Waits for a lock that is held for moments only.
pub(crate) async fn wait(path: &Path, by: &'static str) -> Result<File> {
    let mut pace = Pace::new(WAIT);
    loop {
        if let Some(lock) = flock::take(path)? {
            return Ok(lock);
        }
        if !pace.step().await {
            return Err(Error::new(ErrorKind::Busy, format!("{by} for more than {WAIT:?}"))
                .at(Place::file(path.display().to_string())));
        }
    }
}

/// Makes a directory of ours, and closes it to others if an older release left it open to be written.
fn make_shelter(directory: &Path, mode: u32) -> Result<()> {
    make_all(directory, mode)?;
    let found = fs::symlink_metadata(directory).map_err(refused("read", directory))?;
    let ours = found.is_dir() && found.uid() == rustix::process::geteuid().as_raw();
    match ours && found.mode() & 0o022 != 0 {
        true => fs::set_permissions(directory, fs::Permissions::from_mode(mode))
            .map_err(refused("change the mode of", directory)),
        false => Ok(()),
    }
}

/// The seconds since 1970.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn exists(named: &Named) -> Error {
    let error = Error::new(ErrorKind::Exists, format!("there is an instance `{}` already", named.name));
    match named.terms.unfinished {
        true => error.note("another process is making it"),
        false => error.help("take another name, or delete it"),
    }
}

fn occupied(path: &Path) -> Error {
    Error::new(ErrorKind::Exists, "the directory of the instance is there already, and is none")
        .at(Place::file(path.display().to_string()))
        .help("move it away, or take another name")
}

fn busy(name: &str) -> Error {
    Error::new(ErrorKind::Exists, format!("another process is making the instance `{name}`"))
}
