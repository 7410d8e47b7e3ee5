use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;
use serde_json::json;

use super::shown;
use crate::damage::{damage, warn_of_damage};
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
        // Whose they are is not to be known.
        let damaged = instances.damaged_backups()?;
        match self.at.format {
            Format::Json => {
                let damaged = damaged.iter().map(|(id, error)| damage("id", id, "DAMAGED", error));
                let all: Vec<_> = backups.iter().map(shown::json).chain(damaged).collect();
                print::result(json!({ "backups": all }));
            }
            Format::Text => {
                backups.iter().for_each(|backup| print::result(shown::line(backup)));
                damaged.iter().for_each(|(id, _)| print::result(format_args!("{id} DAMAGED")));
            }
        }
        damaged.iter().for_each(|(id, error)| warn_of_damage("backup", id, error));
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
