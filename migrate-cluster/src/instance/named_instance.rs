use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use migrate_core::{Error, ErrorKind, Place, Result};
use rustix::process::{Signal, kill_process};
use tokio::time::sleep;

use super::flavor::Flavor;
use super::instance::Instance;
use super::instance_record::InstanceRecord;
use crate::cluster::settings_check::readable;
use crate::server::certificate::Certificate;
use crate::server::listen_address::ListenAddress;
use crate::server::orphaned_server;
use crate::server::pid_file::PidFile;
use crate::server::port;
use crate::state::server_directory::ServerDirectory;
use crate::state::state_directory::StateDirectory;
use crate::system::discard::discard;
use crate::system::file_lock;
use crate::system::poll::PollTimer;

const UNREADABLE: &str = "the server can't read its settings: it would not start again, and runs on";

/// An instance with a name, of [`Instances`]. Its server runs until [`NamedInstance::stop`] or [`NamedInstance::delete`], whatever
/// becomes of the process that started it; a server that [`NamedInstance::hold`] started ends with its program.
///
/// What it says of flavor and volume was read when it was got.
#[derive(Debug, Clone)]
pub struct NamedInstance {
    pub(crate) state_directory: StateDirectory,
    pub(crate) name: String,
    pub(crate) directory: ServerDirectory,
    pub(crate) record: InstanceRecord,
}

/// The right to change an instance: nobody else does as long as this lives.
#[derive(Debug)]
pub(crate) struct ChangeLock {
    _lock: File,
}

impl NamedInstance {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its flavor.
    pub fn flavor(&self) -> Flavor {
        self.record.flavor
    }

    /// The size of its volume in GB.
    pub fn volume(&self) -> u64 {
        self.record.volume
    }

    /// Its port, which it keeps while it is stopped.
    pub fn port(&self) -> u16 {
        self.record.port
    }

    /// The addresses that it listens on.
    pub fn addresses(&self) -> &[ListenAddress] {
        &self.record.listen
    }

    /// The certificate of the authority that its server's certificate is of, for clients on other machines
    /// (`sslrootcert`); `None` where it listens on the loopback only, without TLS, or was not started since.
    pub fn certificate(&self) -> Option<PathBuf> {
        let root = Certificate::of(self.directory.path()).root();
        (self.record.profile().is_open() && root.exists()).then_some(root)
    }

    /// When it was made, in seconds since 1970.
    pub fn created(&self) -> u64 {
        self.record.created
    }

    /// The directory that everything of it is in: the cluster in `data`, the log in `server.log`.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Its running server, to connect to and to work on.
    ///
    /// # Errors
    ///
    /// `Instance` if it is not running, or accepts no connections yet.
    pub async fn attach(&self) -> Result<Instance> {
        let running = if self.server().is_some() { Instance::attach(&self.directory).await? } else { None };
        running.ok_or_else(|| {
            Error::new(ErrorKind::Instance, format!("instance `{}` is not running", self.name))
                .help("start it (`cargo migrate instance start`)")
        })
    }

    /// Starts the server if it does not run, for as long as this program runs: as [`Instance::start`] does.
    ///
    /// # Errors
    ///
    /// Those of [`NamedInstance::start`].
    pub async fn hold(&self) -> Result<Instance> {
        let change = self.lock_changes().await?;
        self.serve(&change).await
    }

    /// Starts the server and leaves it running; one that runs already is let be. Recovers after a crash.
    ///
    /// # Errors
    ///
    /// `Exists` if another program listens on its port; `Instance`, with the end of the server's log, if it does not
    /// start; `Busy` if another process changes the instance.
    pub async fn start(&self) -> Result<()> {
        let change = self.lock_changes().await?;
        self.start_now(&change).await
    }

    pub(crate) async fn start_now(&self, change: &ChangeLock) -> Result<()> {
        self.serve(change).await?.detach();
        Ok(())
    }

    async fn serve(&self, _: &ChangeLock) -> Result<Instance> {
        let profile = self.read_record()?.profile();
        if let Some(instance) = self.running(profile.deadline).await? {
            return Ok(instance);
        }
        if !self.directory.is_locked()? {
            let record = self.read_record()?;
            port::check_free(record.port, &record.listen)?;
        }
        let started =
            Instance::start_with(&self.state_directory.installation, self.directory.path(), profile).await;
        started.map_err(|error| self.record.flavor.explain(error))
    }

    /// The server, if there is one, once it accepts connections: also one whose guard was killed, which nobody holds.
    async fn running(&self, limit: Duration) -> Result<Option<Instance>> {
        let mut timer = PollTimer::new(limit);
        while self.server().is_some() {
            if let Some(instance) = Instance::attach(&self.directory).await? {
                return Ok(Some(instance));
            }
            if !timer.wait().await {
                let clause = format!("the server runs, and accepts no connections after {limit:?}");
                return Err(Error::new(ErrorKind::Instance, clause)
                    .at(Place::file(self.directory.log().display().to_string()))
                    .help("its log says why; `cargo migrate instance restart` ends it"));
            }
        }
        Ok(None)
    }

    /// Stops the server: disconnects everybody, writes a checkpoint, waits until it ended; `false` if it did not run.
    ///
    /// # Errors
    ///
    /// `Busy` while a backup is taken, or if another program holds the server; `Instance` if it does not end.
    pub async fn stop(&self) -> Result<bool> {
        let change = self.lock_changes().await?;
        self.stop_for("stopped", &change).await
    }

    /// Stops the server for what was asked for, in a word: `stopped`, `deleted`.
    pub(crate) async fn stop_for(&self, what: &str, _: &ChangeLock) -> Result<bool> {
        self.refuse_during_backup(what).await?;
        let limit = self.read_record()?.profile().deadline;
        for signal in [Signal::INT, Signal::QUIT, Signal::KILL] {
            let mut timer = PollTimer::new(limit);
            let Some(pid) = self.server() else {
                return self.wait_for_lock(&mut timer).await;
            };
            self.refuse_if_owned().await?;
            // One that is gone by now shows in the loop.
            let _ = kill_process(pid, signal);
            while self.server().is_some() && timer.wait().await {}
            if self.server().is_none() {
                self.wait_for_lock(&mut timer).await?;
                return Ok(true);
            }
        }
        Err(self.stop_timeout())
    }

    /// Waits until whoever watched over a server that is gone has let go of the lock.
    async fn wait_for_lock(&self, timer: &mut PollTimer) -> Result<bool> {
        let mut waited = false;
        while self.directory.is_locked()? {
            self.refuse_if_owned().await?;
            if self.server().is_some() || !timer.wait().await {
                return Err(self.stop_timeout());
            }
            waited = true;
        }
        // A crashed server's leftovers: the next start would find the same.
        orphaned_server::stop(&self.directory.data())?;
        Ok(waited)
    }

    /// Stops the server if it runs, and starts it.
    ///
    /// # Errors
    ///
    /// Those of [`NamedInstance::stop`] and [`NamedInstance::start`]; `Format`, before it is stopped, where a line of its settings can't be
    /// read.
    pub async fn restart(&self) -> Result<()> {
        let change = self.lock_changes().await?;
        self.check_settings().await?;
        self.stop_for("restarted", &change).await?;
        self.start_now(&change).await
    }

    /// Refuses to stop a server that would not start again, because a line of its settings can't be read.
    pub(crate) async fn check_settings(&self) -> Result<()> {
        let Some(instance) = Instance::attach(&self.directory).await? else { return Ok(()) };
        match instance.client().await {
            Ok(client) => readable(&client, UNREADABLE).await,
            // All its connections are in use: to restart it may be what helps.
            Err(_) => Ok(()),
        }
    }

    /// Stops the server and removes the instance. Its backups stay.
    ///
    /// # Errors
    ///
    /// Those of [`NamedInstance::stop`]; then nothing is removed.
    pub async fn delete(self) -> Result<()> {
        let change = self.lock_changes().await?;
        self.stop_for("deleted", &change).await?;
        // Whoever looks at its status holds the lock for a moment.
        let lock =
            file_lock::wait(&self.directory.lock_file(), "another process holds this instance").await?;
        discard(self.directory.path())?;
        drop(lock);
        Ok(())
    }

    /// Waits for the right to change it.
    pub(crate) async fn lock_changes(&self) -> Result<ChangeLock> {
        let _ = self.read_record()?;
        let lock =
            file_lock::wait(&self.directory.change_lock(), "another process changes this instance").await?;
        Ok(ChangeLock { _lock: lock })
    }

    /// What it is by now: another process may have resized or deleted it since it was got.
    pub(crate) fn read_record(&self) -> Result<InstanceRecord> {
        // Before what is written: whoever makes it holds the lock until that says it is whole.
        let making = self.directory.is_locked()?;
        match InstanceRecord::read(self.directory.path())? {
            Some(record) if !record.unfinished => Ok(record),
            Some(_) if making => Err(Error::new(
                ErrorKind::Busy,
                format!("another process is making the instance `{}`", self.name),
            )),
            // Or whoever was making it is dead.
            _ => Err(self.state_directory.absent(&self.name)),
        }
    }

    /// The server's process.
    pub(crate) fn server(&self) -> Option<rustix::process::Pid> {
        let data = self.directory.data();
        PidFile::read(&data).ok()??.server(&data)
    }

    async fn refuse_during_backup(&self, what: &str) -> Result<()> {
        if !self.is_being_taken().await? {
            return Ok(());
        }
        let clause = format!("instance `{}` can't be {what} while a backup of it is taken", self.name);
        Err(Error::new(ErrorKind::Busy, clause).help("wait for it (`cargo migrate backup wait`)"))
    }

    async fn refuse_if_owned(&self) -> Result<()> {
        // A process that this program starts at the moment has a copy of its lock until it runs its own program.
        for _ in 0..20 {
            if !self.directory.is_owned()? {
                return Ok(());
            }
            sleep(Duration::from_millis(20)).await;
        }
        let clause =
            format!("another program holds the server of instance `{}`, which ends with it", self.name);
        Err(Error::new(ErrorKind::Busy, clause).help("end that program"))
    }

    fn stop_timeout(&self) -> Error {
        Error::new(ErrorKind::Instance, format!("the server of instance `{}` does not end", self.name))
            .at(Place::file(self.directory.path().display().to_string()))
    }
}
