use std::fmt;

use migrate_core::Result;

use super::instance::Instance;
use super::named_instance::Named;
use crate::server::pid_file::PidFile;

/// How an instance is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It is being made, or restored.
    Building,
    /// Its server accepts connections.
    Running,
    /// Its server starts, recovers or stops.
    Changing,
    /// A backup is being taken; the server accepts connections.
    BackingUp,
    /// Its server does not run.
    Stopped,
    /// Its server ended without being stopped; a start recovers.
    Crashed,
}

impl Named {
    /// How it is now.
    ///
    /// # Errors
    ///
    /// `NotFound` if it was deleted; `File` if its directory can't be read.
    pub async fn status(&self) -> Result<Status> {
        if self.terms.unfinished && self.state.is_locked()? {
            return Ok(Status::Building);
        }
        self.terms()?;
        let alive = self.server().is_some();
        if alive && Instance::attach(&self.state).await?.is_some() {
            return Ok(if self.is_backing_up()? { Status::BackingUp } else { Status::Running });
        }
        Ok(match alive || self.state.is_locked()? {
            true => Status::Changing,
            false if PidFile::read(&self.state.data())?.is_some() => Status::Crashed,
            false => Status::Stopped,
        })
    }
}

/// The word that the command line prints.
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Building => "building",
            Status::Running => "running",
            Status::Changing => "changing",
            Status::BackingUp => "backing-up",
            Status::Stopped => "stopped",
            Status::Crashed => "crashed",
        })
    }
}
