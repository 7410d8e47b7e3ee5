use clap::Args;
use migrate_cluster::Instances;
use migrate_core::{ErrorKind, Result};
use serde_json::json;

use super::shown::Shown;
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
        match self.at.format {
            Format::Json => {
                print::result(json!({ "instances": all.iter().map(Shown::json).collect::<Vec<_>>() }))
            }
            Format::Text => all.iter().for_each(|shown| print::result(shown.line())),
        }
        all.iter().for_each(Shown::warn);
        Ok(())
    }
}
