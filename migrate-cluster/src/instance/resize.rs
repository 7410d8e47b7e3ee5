use migrate_core::{Error, ErrorKind, Result};

use super::disk_space::DiskSpace;
use super::flavor::Flavor;
use super::instance_record::InstanceRecord;
use super::named_instance::ChangeLock;
use super::named_instance::NamedInstance;
use crate::server::listen_address::ListenAddress;
use crate::server::{listen_address, port};
use crate::system::file_lock;

impl NamedInstance {
    /// Gives it another flavor, for which a running server is restarted. If it does not start with that, it is as it
    /// was before.
    ///
    /// A flavor is parsed from its name, its number or its memory in MB.
    ///
    /// # Errors
    ///
    /// Those of [`NamedInstance::restart`].
    pub async fn resize(&self, flavor: Flavor) -> Result<()> {
        let change = self.lock_changes().await?;
        let before = self.read_record()?;
        let after = InstanceRecord { flavor, ..before.clone() };
        let doing = format!("while resizing instance `{}` to {flavor}", self.name);
        let was = format!("it is {} again", before.flavor);
        self.apply_change(&change, &before, &after, "resized", (doing, was)).await
    }

    /// Gives it another port, for which a running server is restarted; `None` for the first that is free from 5433 on.
    /// If it does not start with that, it is as it was before.
    ///
    /// # Errors
    ///
    /// `Exists` if another instance has the port, or another program listens there; those of [`NamedInstance::restart`].
    pub async fn set_port(&self, port: Option<u16>) -> Result<()> {
        let change = self.lock_changes().await?;
        let before = self.read_record()?;
        if port == Some(before.port) {
            return Ok(());
        }
        self.check_settings().await?;
        let making =
            file_lock::wait(&self.state_directory.lock(), "another process makes an instance").await?;
        let port = port::choose(port, &before.listen, &self.state_directory.ports()?)?;
        let after = InstanceRecord { port, ..before.clone() };
        // Nobody else takes the port from here on.
        after.write(self.directory.path())?;
        drop(making);
        let doing = format!("while instance `{}` is given port {port}", self.name);
        let was = format!("it has port {} again", before.port);
        let changed = self.apply_change(&change, &before, &after, "given another port", (doing, was)).await;
        if changed.is_err() {
            before.write(self.directory.path())?;
        }
        changed
    }

    /// Listens on these addresses instead, for which a running server is restarted. If it does not start with them, it
    /// is as it was before.
    ///
    /// Where one of them is not the loopback, the server has a certificate, made by an authority of the instance's own:
    /// `root.crt` in its directory, for the parameter `sslrootcert` of clients. Users who may connect from elsewhere
    /// (see [`User::set_hosts`](crate::User::set_hosts)) can do so encrypted only.
    ///
    /// # Errors
    ///
    /// `Value` for no address, or one that this machine does not have; `Exists` if another program listens there; those
    /// of [`NamedInstance::restart`].
    pub async fn listen(&self, addresses: &[ListenAddress]) -> Result<()> {
        let change = self.lock_changes().await?;
        let before = self.read_record()?;
        let after = InstanceRecord { listen: listen_address::check(addresses)?, ..before.clone() };
        // Before the server is stopped. Who listens on its port is known when it has let go of that.
        port::check_free(0, &after.listen)?;
        let doing = format!(
            "while instance `{}` is made to listen on {}",
            self.name,
            listen_address::list(&after.listen)
        );
        let was = format!("it listens on {} again", listen_address::list(&before.listen));
        self.apply_change(&change, &before, &after, "made to listen elsewhere", (doing, was)).await
    }

    /// Writes down what is to be, and has a running server be so. `said` is what was being done, and what is so again
    /// if the server does not start with it.
    async fn apply_change(
        &self,
        change: &ChangeLock,
        before: &InstanceRecord,
        after: &InstanceRecord,
        what: &str,
        (doing, was): (String, String),
    ) -> Result<()> {
        if after == before {
            return Ok(());
        }
        if self.server().is_none() {
            return after.write(self.directory.path());
        }
        self.check_settings().await?;
        self.stop_for(what, change).await?;
        let Err(error) = self.start_as(change, after).await else { return Ok(()) };
        let error = error.context(doing);
        Err(match self.start_as(change, before).await {
            Ok(()) => error.note(format!("{was}, and runs")),
            Err(again) => error.note(format!("{was}, and does not start: {again}")),
        })
    }

    async fn start_as(&self, change: &ChangeLock, record: &InstanceRecord) -> Result<()> {
        record.write(self.directory.path())?;
        self.start_now(change).await
    }

    /// Gives its volume this many GB, more than before. A running server runs on.
    ///
    /// # Errors
    ///
    /// `Value` for a size that is smaller than now, or more than the limit.
    pub async fn resize_volume(&self, volume: u64) -> Result<()> {
        let _change = self.lock_changes().await?;
        let before = self.read_record()?;
        self.state_directory.limits.check_volume(volume)?;
        if volume < before.volume {
            let clause = format!(
                "the volume of instance `{}` has {} GB, and can't be reduced to {volume} GB",
                self.name, before.volume
            );
            return Err(Error::new(ErrorKind::Value, clause)
                .help("restore a backup into a new instance with a smaller volume"));
        }
        InstanceRecord { volume, ..before }.write(self.directory.path())
    }

    /// How much of its volume is used, and how much is left.
    ///
    /// # Errors
    ///
    /// `File` if its directory can't be read; `NotFound` if it was deleted.
    pub fn disk_space(&self) -> Result<DiskSpace> {
        let record = self.read_record()?;
        DiskSpace::measure(record.volume, &self.directory.data())
    }
}
