use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

use embed_migrate_core::{Error, ErrorKind, Place, Result};
use rustix::process::{Signal, kill_process};
use tokio::time::sleep;

use super::flavor::Flavor;
use super::instance::Instance;
use super::instance_record::InstanceRecord;
use crate::cluster::settings_check::readable;
use crate::server::certificate::Certificate;
use crate::server::listen_address::ListenAddress;
use crate::server::pid_file::PidFile;
use crate::server::{orphaned_server, port};
use crate::state::server_directory::ServerDirectory;
use crate::state::state_directory::StateDirectory;
use crate::system::discard::discard;
use crate::system::file_lock;
use crate::system::poll::PollTimer;

const UNREADABLE: &str = "the server can't read its settings and could not start again: it was not stopped";

/// An instance with a name, from [`Instances`](crate::Instances). Its server runs until [`NamedInstance::stop`] or
/// [`NamedInstance::delete`], even if the process that started it ends. A server that [`NamedInstance::hold`] started
/// ends with its program.
///
/// Flavor, volume, port and addresses have the values of the moment when it was read.
#[derive(Debug, Clone)]
pub struct NamedInstance {
    pub(crate) state_directory: StateDirectory,
    pub(crate) name: String,
    pub(crate) directory: ServerDirectory,
    pub(crate) record: InstanceRecord,
}

/// The lock on changes of an instance. Nobody else changes it while this value lives.
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
    #[doc(hidden)]
    pub fn flavor(&self) -> Flavor {
        self.record.flavor
    }

    /// The size of its volume in GB.
    #[doc(hidden)]
    pub fn volume(&self) -> u64 {
        self.record.volume
    }

    /// Its port. It keeps the port while it is stopped.
    #[doc(hidden)]
    pub fn port(&self) -> u16 {
        self.record.port
    }

    /// The addresses that it listens on.
    #[doc(hidden)]
    pub fn addresses(&self) -> &[ListenAddress] {
        &self.record.listen
    }

    /// The certificate of the authority that signed the server's certificate, for clients on other machines
    /// (`sslrootcert`). `None` if it listens on the loopback only, without TLS, or has not been started since.
    #[doc(hidden)]
    pub fn certificate(&self) -> Option<PathBuf> {
        let root = Certificate::of(self.directory.path()).root();
        (self.record.profile().is_open() && root.exists()).then_some(root)
    }

    /// When it was created, in seconds since 1970.
    #[doc(hidden)]
    pub fn created(&self) -> u64 {
        self.record.created
    }

    /// Its directory: the cluster is in `data`, the log is `server.log`.
    #[doc(hidden)]
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Its running server.
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

    /// Starts the server if it does not run, until this program ends: as [`Instance::start`] does.
    ///
    /// # Errors
    ///
    /// The errors of [`NamedInstance::start`].
    pub async fn hold(&self) -> Result<Instance> {
        let change = self.lock_changes().await?;
        self.serve(&change).await
    }

    /// Starts the server and leaves it running. A running server is left alone. A crashed server recovers.
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

    /// The running server, once it accepts connections. This finds a server whose guard was killed too.
    async fn running(&self, limit: Duration) -> Result<Option<Instance>> {
        let mut timer = PollTimer::new(limit);
        while self.server().is_some() {
            if let Some(instance) = Instance::attach(&self.directory).await? {
                return Ok(Some(instance));
            }
            if !timer.wait().await {
                let clause = format!("the server runs, but accepts no connections after {limit:?}");
                return Err(Error::new(ErrorKind::Instance, clause)
                    .at(Place::file(self.directory.log().display().to_string()))
                    .help("see its log; `cargo migrate instance restart` stops and starts it"));
            }
        }
        Ok(None)
    }

    /// Stops the server: ends all sessions, writes a checkpoint, and waits until it has ended. Returns `false` if it
    /// did not run.
    ///
    /// # Errors
    ///
    /// `Busy` while a backup is taken, or if another program holds the server; `Instance` if it does not end.
    pub async fn stop(&self) -> Result<bool> {
        let change = self.lock_changes().await?;
        self.stop_for("stopped", &change).await
    }

    /// Stops the server. `what` is a word for the error, such as `stopped` or `deleted`.
    pub(crate) async fn stop_for(&self, what: &str, _: &ChangeLock) -> Result<bool> {
        self.refuse_during_backup(what).await?;
        let limit = self.read_record()?.profile().deadline;
        for signal in [Signal::INT, Signal::QUIT, Signal::KILL] {
            let mut timer = PollTimer::new(limit);
            let Some(pid) = self.server() else {
                return self.wait_for_lock(&mut timer).await;
            };
            self.refuse_if_owned().await?;
            // A process that has ended by now is noticed in the loop.
            let _ = kill_process(pid, signal);
            while self.server().is_some() && timer.wait().await {}
            if self.server().is_none() {
                self.wait_for_lock(&mut timer).await?;
                return Ok(true);
            }
        }
        Err(self.stop_timeout())
    }

    /// Waits until the guard of a server that has ended releases the lock.
    async fn wait_for_lock(&self, timer: &mut PollTimer) -> Result<bool> {
        let mut waited = false;
        while self.directory.is_locked()? {
            self.refuse_if_owned().await?;
            if self.server().is_some() || !timer.wait().await {
                return Err(self.stop_timeout());
            }
            waited = true;
        }
        // Otherwise the next start would find the files of a crashed server.
        orphaned_server::stop(&self.directory.data())?;
        Ok(waited)
    }

    /// Restarts the server, or starts it if it does not run.
    ///
    /// # Errors
    ///
    /// The errors of [`NamedInstance::stop`] and [`NamedInstance::start`]; `Format`, before it is stopped, if a
    /// line of its settings can't be read.
    #[doc(hidden)]
    pub async fn restart(&self) -> Result<()> {
        let change = self.lock_changes().await?;
        self.check_settings().await?;
        self.stop_for("restarted", &change).await?;
        self.start_now(&change).await
    }

    /// Refuses to stop a server that could not start again, because a line of its settings is wrong.
    pub(crate) async fn check_settings(&self) -> Result<()> {
        let Some(instance) = Instance::attach(&self.directory).await? else { return Ok(()) };
        match instance.client().await {
            Ok(client) => readable(&client, UNREADABLE).await,
            // All connections are in use; a restart may help.
            Err(_) => Ok(()),
        }
    }

    /// Stops the server and removes the instance. Its backups stay.
    ///
    /// # Errors
    ///
    /// The errors of [`NamedInstance::stop`]; then nothing is removed.
    pub async fn delete(self) -> Result<()> {
        let change = self.lock_changes().await?;
        self.stop_for("deleted", &change).await?;
        // A process that reads the status holds the lock for a moment.
        let lock =
            file_lock::wait(&self.directory.lock_file(), "another process has held this instance").await?;
        discard(self.directory.path())?;
        drop(lock);
        Ok(())
    }

    /// Waits for the lock on changes.
    pub(crate) async fn lock_changes(&self) -> Result<ChangeLock> {
        let _ = self.read_record()?;
        let lock =
            file_lock::wait(&self.directory.change_lock(), "another process has been changing this instance")
                .await?;
        Ok(ChangeLock { _lock: lock })
    }

    /// Reads the record again: another process may have resized or deleted the instance.
    pub(crate) fn read_record(&self) -> Result<InstanceRecord> {
        // Before the record: the process that creates the instance holds the lock until the record is complete.
        let making = self.directory.is_locked()?;
        match InstanceRecord::read(self.directory.path())? {
            Some(record) if !record.unfinished => Ok(record),
            Some(_) if making => Err(Error::new(
                ErrorKind::Busy,
                format!("another process is creating the instance `{}`", self.name),
            )),
            // Or the process that was creating it is dead.
            _ => Err(self.state_directory.absent(&self.name)),
        }
    }

    /// The process of the server, if it runs.
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
        // A child process that this program is starting has a copy of the lock until it runs its program.
        for _ in 0..20 {
            if !self.directory.is_owned()? {
                return Ok(());
            }
            sleep(Duration::from_millis(20)).await;
        }
        let clause =
            format!("the server of instance `{}` belongs to another program, and ends with it", self.name);
        Err(Error::new(ErrorKind::Busy, clause).help("end that program"))
    }

    fn stop_timeout(&self) -> Error {
        Error::new(ErrorKind::Instance, format!("the server of instance `{}` does not end", self.name))
            .at(Place::file(self.directory.path().display().to_string()))
    }
}
