use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;
use serde_json::json;

use super::shown;
use crate::exit::EXIT_CODES;
use crate::{At, Format, print};

/// `backup list`: shows backups, the oldest first.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct ListBackups {
    /// Only those of this instance, which may be deleted by now
    pub instance: Option<String>,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl ListBackups {
    pub(super) fn run(&self, instances: &Instances) -> Result<()> {
        let mut backups = instances.backups()?;
        if let Some(instance) = &self.instance {
            backups.retain(|backup| backup.instance == *instance);
        }
        match self.at.format {
            Format::Json => {
                print::result(json!({ "backups": backups.iter().map(shown::json).collect::<Vec<_>>() }))
            }
            Format::Text => backups.iter().for_each(|backup| print::result(shown::line(backup))),
        }
        Ok(())
    }
}

/// `backup get`: shows one backup.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct GetBackup {
    /// Its name or id
    pub backup: String,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl GetBackup {
    pub(super) fn run(&self, instances: &Instances) -> Result<()> {
        let backup = instances.backup(&self.backup)?;
        match self.at.format {
            Format::Json => print::result(shown::json(&backup)),
            Format::Text => print::result(shown::text(&backup)),
        }
        Ok(())
    }
}
