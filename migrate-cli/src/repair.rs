use clap::Args;
use migrate_core::Result;
use migrate_runtime::{Migrator, Repair as Answer, Settings};

use crate::exit::{EXIT_CODES, Exit};
use crate::up::only;
use crate::{Connect, Format, Target, print};

/// `repair`: says of an interrupted patch what nothing else can tell.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Repair {
    /// The interrupted patch
    #[arg(value_name = "[BUNDLE=]VERSION")]
    pub patch: Target,
    /// Its statement was carried out: the next `up` goes on behind it
    #[arg(long, required_unless_present = "retry", conflicts_with = "retry")]
    pub done: bool,
    /// Its statement was not carried out: the next `up` starts it again
    #[arg(long)]
    pub retry: bool,
    /// What every command that talks to a database takes.
    #[command(flatten)]
    pub connect: Connect,
}

impl Repair {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let Target { bundle, version } = &self.patch;
        let bundle = match bundle {
            Some(bundle) => bundle.clone(),
            None => only(&migrator, *version)?,
        };
        let answer = if self.done { Answer::Done } else { Answer::Retry };
        let statement = self.connect.apply(migrator).repair(settings, &bundle, *version, answer).await?;
        let word = if self.done { "done" } else { "to be tried again" };
        match self.connect.format {
            Format::Json => print::result(serde_json::json!({ "statement": statement, "done": self.done })),
            Format::Text => print::result(format_args!("{word}: {}", statement.trim())),
        }
        Ok(Exit::Done)
    }
}
