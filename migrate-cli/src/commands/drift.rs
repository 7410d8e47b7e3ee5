use clap::Args;
use embed_migrate_core::Result;
use embed_migrate_runtime::{self as runtime, Migrator, Node, Settings};

use crate::autogenerate::from_scratch;
use crate::options::connect::ConnectOptions;
use crate::options::format::Format;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::{json, print};

/// `drift`: how the database and its nodes differ from the bundles, and each from its state after the last run.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Drift {
    /// The options of every command on a database.
    #[command(flatten)]
    pub(crate) connect: ConnectOptions,
    /// Show only changes in this schema; may be repeated. Problems with patches and facts are shown anyway
    #[arg(long, value_name = "SCHEMA")]
    schema: Vec<String>,
    /// Compare with what the bundles make on a throwaway server, up to the database's versions, instead of with what the
    /// last run left; bundles without facts are always compared so
    #[arg(long)]
    from_scratch: bool,
}

impl Drift {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let migrator = self.connect.apply(migrator);
        let here = self.of(&migrator, settings).await?;
        let mut nodes = Vec::new();
        for Node { name, settings } in migrator.nodes() {
            let drift = self.of(&migrator, settings).await;
            nodes.push((name.as_str(), drift.map_err(|error| error.context(format!("on node `{name}`")))?));
        }
        match self.connect.format {
            Format::Json => print::result(json::drifts(&here, &nodes)),
            Format::Text => {
                print::result(&here);
                for (node, drift) in &nodes {
                    print::result(format_args!("\non node `{node}`:\n{drift}"));
                }
            }
        }
        Ok(match here.is_empty() && nodes.iter().all(|(_, drift)| drift.is_empty()) {
            true => Exit::Done,
            false => Exit::Different,
        })
    }

    async fn of(&self, migrator: &Migrator<'_>, settings: &Settings) -> Result<runtime::Drift> {
        let mut drift = migrator.drift(settings).await?;
        let without_facts = migrator.bundles().iter().all(|bundle| bundle.facts().is_none());
        if self.from_scratch || without_facts && !migrator.bundles().is_empty() {
            drift = drift.from_scratch(from_scratch::differences(migrator, settings).await?);
        }
        Ok(if self.schema.is_empty() { drift } else { drift.within(&self.schema) })
    }
}
