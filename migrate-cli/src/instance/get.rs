use clap::Args;
use migrate_cluster::Instances;
use migrate_core::Result;

use super::shown::Shown;
use crate::exit::EXIT_CODES;
use crate::{At, Format, print};

/// `instance get`: shows one instance.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Get {
    /// The instance's name
    pub name: String,
    /// What every command on instances takes.
    #[command(flatten)]
    pub at: At,
}

impl Get {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let shown = Shown::look(&instances.get(&self.name)?).await?;
        match self.at.format {
            Format::Json => print::result(shown.json()),
            Format::Text => print::result(shown.text()),
        }
        shown.warn();
        Ok(())
    }
}
