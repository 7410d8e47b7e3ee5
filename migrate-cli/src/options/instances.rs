use std::path::PathBuf;

use clap::Args;
use embed_migrate_cluster::{Installation, InstanceLimits, Instances};
use embed_migrate_core::Result;

use super::format::Format;

/// The options of every command on instances.
#[derive(Debug, Clone, Args)]
pub(crate) struct InstanceOptions {
    /// The directory of instances and backups (default: MIGRATE_STATE_DIR; else /var/lib/migrate for root, and
    /// ~/.local/state/migrate for others)
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    /// The largest volume that an instance may have
    #[arg(long, value_name = "GB", default_value_t = InstanceLimits::default().volume)]
    volume_limit: u64,
    /// The format of the result on stdout
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

impl InstanceOptions {
    pub(crate) fn instances(&self, variables: &dyn Fn(&str) -> Option<String>) -> Result<Instances> {
        let installation = Installation::find(variables)?;
        let directory = match &self.state_dir {
            Some(directory) => directory.clone(),
            None => Instances::default_directory(variables)?,
        };
        let limits = InstanceLimits { volume: self.volume_limit, ..InstanceLimits::default() };
        Ok(Instances::open(&installation, &directory)?.with_limits(limits))
    }
}
