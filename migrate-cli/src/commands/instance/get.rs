use clap::Args;
use embed_migrate_cluster::Instances;
use embed_migrate_core::Result;

use super::description::InstanceDescription;
use crate::options::format::Format;
use crate::options::instances::InstanceOptions;
use crate::output::exit::EXIT_CODES;
use crate::output::print;

/// `instance get`: shows one instance.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Get {
    /// The instance's name
    name: String,
    /// The options of every command on instances.
    #[command(flatten)]
    pub(crate) options: InstanceOptions,
}

impl Get {
    pub(super) async fn run(&self, instances: &Instances) -> Result<()> {
        let shown = InstanceDescription::look(&instances.get(&self.name)?).await?;
        match self.options.format {
            Format::Json => print::result(shown.json()),
            Format::Text => print::result(shown.text()),
        }
        shown.warn();
        Ok(())
    }
}
