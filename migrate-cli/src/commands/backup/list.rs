use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::Result;
use serde_json::json;

use super::description;
use crate::options::format::Format;
use crate::options::instances::InstanceOptions;
use crate::output::damaged_records::{damage, warn_of_damage};
use crate::output::exit::EXIT_CODES;
use crate::output::print;

/// `backup list`: shows backups, the oldest first.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct ListBackups {
    /// Only backups of this instance, even if it was deleted
    instance: Option<String>,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl ListBackups {
    pub(super) fn run(&self, instances: &Instances) -> Result<()> {
        let mut backups = instances.backups()?;
        if let Some(instance) = &self.instance {
            backups.retain(|backup| backup.instance == *instance);
        }
        // Their instances are unknown, so all are listed.
        let damaged = instances.damaged_backups()?;
        match self.options.format {
            Format::Json => {
                let damaged = damaged.iter().map(|(id, error)| damage("id", id, "DAMAGED", error));
                let all: Vec<_> = backups.iter().map(description::json).chain(damaged).collect();
                print::result(json!({ "backups": all }));
            }
            Format::Text => {
                backups.iter().for_each(|backup| print::result(description::line(backup)));
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
pub(crate) struct GetBackup {
    /// Its name or id
    backup: String,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl GetBackup {
    pub(super) fn run(&self, instances: &Instances) -> Result<()> {
        let backup = instances.backup(&self.backup)?;
        match self.options.format {
            Format::Json => print::result(description::json(&backup)),
            Format::Text => print::result(description::text(&backup)),
        }
        Ok(())
    }
}
