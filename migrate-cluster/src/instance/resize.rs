use embed_migrate_core::{Error, ErrorKind, Result};

use super::disk_space::DiskSpace;
use super::flavor::Flavor;
use super::instance_record::InstanceRecord;
use super::named_instance::{ChangeLock, NamedInstance};
use crate::server::listen_address::ListenAddress;
use crate::server::{listen_address, port};
use crate::system::file_lock;

impl NamedInstance {
    /// Changes the flavor, and restarts a running server. If the server does not start, it gets its old flavor again.
    ///
    /// A flavor is parsed from its name, its number or its memory in MB.
    ///
    /// # Errors
    ///
    /// The errors of [`NamedInstance::restart`].
    pub async fn resize(&self, flavor: Flavor) -> Result<()> {
        let change = self.lock_changes().await?;
        let before = self.read_record()?;
        let after = InstanceRecord { flavor, ..before.clone() };
        let doing = format!("while resizing instance `{}` to {flavor}", self.name);
        let was = format!("it is {} again", before.flavor);
        self.apply_change(&change, &before, &after, "resized", (doing, was)).await
    }

    /// Changes the port, and restarts a running server. `None` takes the first free port from 5433 on. If the server
    /// does not start, it gets its old port again.
    ///
    /// # Errors
    ///
    /// `Exists` if another instance has the port, or another program listens there; the errors of
    /// [`NamedInstance::restart`].
    #[doc(hidden)]
    pub async fn set_port(&self, port: Option<u16>) -> Result<()> {
        let change = self.lock_changes().await?;
        let before = self.read_record()?;
        if port == Some(before.port) {
            return Ok(());
        }
        self.check_settings().await?;
        let making =
            file_lock::wait(&self.state_directory.lock(), "another process has been creating an instance")
                .await?;
        let port = port::choose(port, &before.listen, &self.state_directory.ports()?)?;
        let after = InstanceRecord { port, ..before.clone() };
        // From here on, nobody else takes the port.
        after.write(self.directory.path())?;
        drop(making);
        let doing = format!("while changing the port of instance `{}` to {port}", self.name);
        let was = format!("it has port {} again", before.port);
        let changed = self.apply_change(&change, &before, &after, "given another port", (doing, was)).await;
        if changed.is_err() {
            before.write(self.directory.path())?;
        }
        changed
    }

    /// Changes the addresses to listen on, and restarts a running server. If the server does not start, it gets its
    /// old addresses again.
    ///
    /// If one of them is not a loopback address, the server has a certificate. An authority of the instance signs it:
    /// clients use `root.crt` in the instance's directory as `sslrootcert`. Users who may connect from other machines
    /// (see [`User::set_hosts`](crate::User::set_hosts)) must use TLS.
    ///
    /// # Errors
    ///
    /// `Value` for no address, or an address that this machine does not have; `Exists` if another program listens
    /// there; the errors of [`NamedInstance::restart`].
    #[doc(hidden)]
    pub async fn listen(&self, addresses: &[ListenAddress]) -> Result<()> {
        let change = self.lock_changes().await?;
        let before = self.read_record()?;
        let after = InstanceRecord { listen: listen_address::check(addresses)?, ..before.clone() };
        // Checked before the server is stopped. Whether its port is free elsewhere is known only after that.
        port::check_free(0, &after.listen)?;
        let doing = format!(
            "while changing the addresses of instance `{}` to {}",
            self.name,
            listen_address::list(&after.listen)
        );
        let was = format!("it listens on {} again", listen_address::list(&before.listen));
        self.apply_change(&change, &before, &after, "made to listen elsewhere", (doing, was)).await
    }

    /// Writes the new record and restarts a running server with it. `doing` is the context of an
    /// error, `was` is what is restored if the server does not start.
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
            Err(again) => error.note(format!("{was}, but does not start: {again}")),
        })
    }

    async fn start_as(&self, change: &ChangeLock, record: &InstanceRecord) -> Result<()> {
        record.write(self.directory.path())?;
        self.start_now(change).await
    }

    /// Makes the volume larger. A running server continues.
    ///
    /// # Errors
    ///
    /// `Value` for a size that is smaller than the current one, or larger than the limit.
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

    /// The used and the remaining space of its volume.
    ///
    /// # Errors
    ///
    /// `File` if its directory can't be read; `NotFound` if it was deleted.
    #[doc(hidden)]
    pub fn disk_space(&self) -> Result<DiskSpace> {
        let record = self.read_record()?;
        DiskSpace::measure(record.volume, &self.directory.data())
    }
}
