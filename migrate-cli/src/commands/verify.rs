use std::path::PathBuf;

use clap::Args;
use embed_migrate_core::{Error, Result};
use embed_migrate_runtime::{Driver, Migrator, Settings};

use crate::directory::facts;
use crate::options::connect::ConnectOptions;
use crate::options::format::Format;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `verify`: checks that a run has nothing to do.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Verify {
    /// A file of facts, or a directory with a deploy.yaml (default: the bundle's patches and facts)
    #[arg(value_name = "FILE or DIRECTORY")]
    pub(crate) facts: Option<PathBuf>,
    /// The options of every command on a database.
    #[command(flatten)]
    pub(crate) connect: ConnectOptions,
}

impl Verify {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let what = match &self.facts {
            Some(path) => {
                let (name, facts) = facts::required(path)?;
                if let Some(wait) = self.connect.wait {
                    settings.connect_within(wait.duration(), &|event| print::progress(event)).await?;
                }
                let driver = Driver::connect(settings).await?;
                let mut driver = self.connect.drive(driver, &migrator);
                driver.verify(facts).await?;
                driver.close().await;
                name
            }
            None => {
                let names: Vec<_> =
                    migrator.bundles().iter().map(|bundle| bundle.name().to_string()).collect();
                everywhere(&self.connect.apply(migrator), settings).await?;
                names.join(", ")
            }
        };
        match self.connect.format {
            Format::Json => print::result(serde_json::json!({ "holds": true, "what": what })),
            Format::Text => print::result(format_args!("{what} holds")),
        }
        Ok(Exit::Done)
    }
}

/// Verifies the database and each node, and returns all problems.
async fn everywhere(migrator: &Migrator<'_>, settings: &Settings) -> Result<()> {
    let problem = migrator.verify(settings).await.err();
    let mut problems: Vec<_> = problem.into_iter().flat_map(Error::split).collect();
    for node in migrator.nodes() {
        let on = |error: Error| error.context(format!("on node `{}`", node.name));
        let problem = migrator.verify(&node.settings).await.err();
        problems.extend(problem.into_iter().flat_map(Error::split).map(on));
    }
    Error::all(problems).map_or(Ok(()), Err)
}
