use clap::Args;
use migrate_cluster::Instances;
use migrate_core::{ErrorKind, Result};
use serde_json::json;

use super::shown::Shown;
use crate::damage::{damage, warn_of_damage};
use crate::exit::EXIT_CODES;
use crate::{At, Format, print};

/// `instance list`: shows all instances.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct List {
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl List {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let mut all = Vec::new();
        for named in instances.list()? {
            match Shown::look(&named).await {
                Ok(shown) => all.push(shown),
                // Deleted since it was listed.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let damaged = instances.damaged()?;
        match self.at.format {
            Format::Json => {
                let damaged = damaged.iter().map(|(name, error)| damage("name", name, "damaged", error));
                let all: Vec<_> = all.iter().map(Shown::json).chain(damaged).collect();
                print::result(json!({ "instances": all }));
            }
            Format::Text => {
                all.iter().for_each(|shown| print::result(shown.line()));
                damaged.iter().for_each(|(name, _)| print::result(format_args!("{name} damaged")));
            }
        }
        all.iter().for_each(Shown::warn);
        damaged.iter().for_each(|(name, error)| warn_of_damage("instance", name, error));
        Ok(())
    }
}
