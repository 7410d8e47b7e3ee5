use std::fmt;

use embed_migrate_core::Result;

use super::instance::Instance;
use super::named_instance::NamedInstance;
use crate::server::pid_file::PidFile;

/// The status of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstanceStatus {
    /// It is being created or restored.
    Building,
    /// Its server accepts connections.
    Running,
    /// Its server is starting, recovering or stopping.
    Changing,
    /// A backup is being taken; the server accepts connections.
    BackingUp,
    /// Its server does not run.
    Stopped,
    /// Its server ended without being stopped. The next start recovers.
    Crashed,
}

impl NamedInstance {
    /// Its current status.
    ///
    /// # Errors
    ///
    /// `NotFound` if it was deleted; `File` if its directory can't be read.
    pub async fn status(&self) -> Result<InstanceStatus> {
        if self.record.unfinished && self.directory.is_locked()? {
            return Ok(InstanceStatus::Building);
        }
        self.read_record()?;
        let alive = self.server().is_some();
        if alive && Instance::attach(&self.directory).await?.is_some() {
            return Ok(if self.is_backing_up()? {
                InstanceStatus::BackingUp
            } else {
                InstanceStatus::Running
            });
        }
        Ok(match alive || self.directory.is_locked()? {
            true => InstanceStatus::Changing,
            false if PidFile::read(&self.directory.data())?.is_some() => InstanceStatus::Crashed,
            false => InstanceStatus::Stopped,
        })
    }
}

/// The word that the command line prints.
impl fmt::Display for InstanceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InstanceStatus::Building => "building",
            InstanceStatus::Running => "running",
            InstanceStatus::Changing => "changing",
            InstanceStatus::BackingUp => "backing-up",
            InstanceStatus::Stopped => "stopped",
            InstanceStatus::Crashed => "crashed",
        })
    }
}
