use clap::Args;
use migrate_core::Result;
use migrate_runtime::{Line, Migrator, Settings, State};

use crate::exit::{EXIT_CODES, Exit};
use crate::{Connect, Format, json, print};

/// `status`: where each patch stands.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Status {
    /// End with exit code 3 where patches are pending
    #[arg(long)]
    pub exit_code: bool,
    /// What every command that talks to a database takes.
    #[command(flatten)]
    pub connect: Connect,
}

impl Status {
    pub(crate) async fn run(&self, migrator: Migrator<'_>, settings: &Settings) -> Result<Exit> {
        let status = self.connect.apply(migrator).status(settings).await?;
        let pending = status.lines.iter().any(|line| line.state == State::Pending);
        match self.connect.format {
            Format::Json => print::result(json::status(&status)),
            Format::Text => text(&status.lines),
        }
        Ok(match status.problem {
            Some(problem) => {
                print::problems(problem);
                Exit::Refused
            }
            None if pending && self.exit_code => Exit::Pending,
            None => Exit::Done,
        })
    }
}

fn text(lines: &[Line]) {
    if lines.is_empty() {
        print::result("no patches");
    }
    for Line { bundle, version, file, state } in lines {
        print::result(format_args!("{bundle} {version} {state} ({file})"));
    }
}
