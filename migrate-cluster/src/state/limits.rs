use embed_migrate_core::{Error, ErrorKind, Result};

/// The limits of instances.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceLimits {
    /// The largest volume in GB.
    pub volume: u64,
    /// How many instances there may be.
    pub instances: usize,
}

/// Volumes of 50 GB, 100 instances.
impl Default for InstanceLimits {
    fn default() -> InstanceLimits {
        InstanceLimits { volume: 50, instances: 100 }
    }
}

impl InstanceLimits {
    /// Refuses a volume's size in GB that is out of range.
    pub(crate) fn check_volume(&self, volume: u64) -> Result<()> {
        if (1..=self.volume).contains(&volume) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Value, format!("a volume can't have {volume} GB"))
            .help(format!("take 1 to {} GB", self.volume)))
    }

    pub(crate) fn check_count(&self, present: usize) -> Result<()> {
        if present < self.instances {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Full, format!("there are {present} instances, and no more are allowed"))
            .help("delete one, or raise the limit"))
    }
}
