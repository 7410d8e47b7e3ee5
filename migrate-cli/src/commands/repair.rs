use clap::{ArgGroup, Args};
use embed_migrate_core::{Error, ErrorKind, Result};
use embed_migrate_runtime::{Migrator, Repair as Answer, Settings};

use crate::options::connect::ConnectOptions;
use crate::options::format::Format;
use crate::options::target::Target;
use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `repair`: says whether the statement of an interrupted patch was completed.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES, group = ArgGroup::new("answer").required(true).args(["done", "retry"]))]
pub(crate) struct Repair {
    /// The interrupted patch; `head` is the last patch
    #[arg(value_name = "[BUNDLE=]VERSION")]
    patch: Target,
    /// Its statement was completed: the next `up` continues after it
    #[arg(long)]
    done: bool,
    /// Its statement was not completed: the next `up` runs it again
    #[arg(long)]
    retry: bool,
    /// The node on which it was interrupted, by its name in `--node`
    #[arg(long, value_name = "NODE")]
    on: Option<String>,
    /// The options of every command on a database.
    #[command(flatten)]
    pub(crate) connect: ConnectOptions,
}

impl Repair {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let bundle = self.patch.bundle(&migrator)?;
        let last =
            migrator.bundles().iter().find(|known| known.name() == bundle).and_then(|known| known.head());
        let version = self.patch.version.of(last)?;
        let node = self.on.as_deref().map(|name| node(&migrator, name)).transpose()?;
        let settings = node.as_ref().unwrap_or(settings);
        let answer = if self.done { Answer::Done } else { Answer::Retry };
        let statement = self.connect.apply(migrator).repair(settings, &bundle, version, answer).await?;
        let word = if self.done { "done" } else { "to be tried again" };
        match self.connect.format {
            Format::Json => print::result(serde_json::json!({ "statement": statement, "done": self.done })),
            Format::Text => print::result(format_args!("{word}: {}", statement.trim())),
        }
        Ok(Exit::Done)
    }
}

/// The settings of a node.
fn node(migrator: &Migrator<'_>, name: &str) -> Result<Settings> {
    let nodes = migrator.nodes();
    if let Some(node) = nodes.iter().find(|node| node.name == name) {
        return Ok(node.settings.clone());
    }
    let names: Vec<_> = nodes.iter().map(|node| format!("`{}`", node.name)).collect();
    let error = Error::new(ErrorKind::Settings, format!("no node is called `{name}`"));
    let error =
        if names.is_empty() { error } else { error.note(format!("the nodes are {}", names.join(", "))) };
    Err(error.help(format!("say where it is: `--node {name}=URL`")))
}
