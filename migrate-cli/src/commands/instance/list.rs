use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::{ErrorKind, Result};
use serde_json::json;

use super::description::InstanceDescription;
use crate::options::format::Format;
use crate::options::instances::InstanceOptions;
use crate::output::damaged_records::{damage, warn_of_damage};
use crate::output::exit::EXIT_CODES;
use crate::output::print;

/// `instance list`: shows all instances.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct List {
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl List {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let mut all = Vec::new();
        for named in instances.list()? {
            match InstanceDescription::look(&named).await {
                Ok(shown) => all.push(shown),
                // Deleted since it was listed.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let damaged = instances.damaged()?;
        match self.options.format {
            Format::Json => {
                let damaged = damaged.iter().map(|(name, error)| damage("name", name, "damaged", error));
                let all: Vec<_> = all.iter().map(InstanceDescription::json).chain(damaged).collect();
                print::result(json!({ "instances": all }));
            }
            Format::Text => {
                all.iter().for_each(|shown| print::result(shown.line()));
                damaged.iter().for_each(|(name, _)| print::result(format_args!("{name} damaged")));
            }
        }
        all.iter().for_each(InstanceDescription::warn);
        damaged.iter().for_each(|(name, error)| warn_of_damage("instance", name, error));
        Ok(())
    }
}
