use std::time::Duration;

use clap::Args;
use migrate_core::Timeout;
use migrate_runtime::{Driver, Event, Migrator};

use super::format::Format;
use crate::output::print;

/// The options of every command that talks to a database.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectOptions {
    /// The schema of the history's tables (default: migrate)
    #[arg(long, value_name = "SCHEMA")]
    history_schema: Option<String>,
    /// The role that patches run as, and that owns what they make (default: the connection's)
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// A role whose objects are trusted, with its members', though it is not put on; may be given several times
    #[arg(long, value_name = "ROLE")]
    trust: Vec<String>,
    /// How long to wait for a server that is down, starts, is full or takes no writes yet, such as 30s; 0s: not at all
    /// (default: 10s for a command that writes)
    #[arg(long, value_name = "TIME")]
    pub(crate) wait: Option<Timeout>,
    /// Apply the patches of a bundle that is new to the history, though the database has them under another name or in
    /// another history; otherwise that is refused
    #[arg(long)]
    new_history: bool,
    /// How to write the result on stdout
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// As [`Migrator::connect_wait`] has it for a run.
const WAIT: Duration = Duration::from_secs(10);

impl ConnectOptions {
    /// How long a command that writes waits for the server.
    pub(crate) fn wait_to_write(&self) -> Duration {
        self.wait.map_or(WAIT, Timeout::duration)
    }

    /// The migrator with these options on top of its own. It tells that it waits for the server.
    pub(crate) fn apply<'a>(&self, migrator: Migrator<'a>) -> Migrator<'a> {
        let mut migrator = migrator.progress(|event| {
            if let Event::Connecting { .. } = event {
                print::progress(event);
            }
        });
        if let Some(schema) = &self.history_schema {
            migrator = migrator.history_schema(schema);
        }
        if self.new_history {
            migrator = migrator.new_history();
        }
        if let Some(role) = &self.role {
            migrator = migrator.role(role);
        }
        if let Some(wait) = self.wait {
            migrator = migrator.connect_wait(wait.duration());
        }
        self.trust.iter().fold(migrator, Migrator::trust)
    }

    /// A driver with these options, which trusts whom the migrator trusts.
    pub(crate) fn drive(&self, mut driver: Driver, migrator: &Migrator<'_>) -> Driver {
        driver = driver.trust_as(migrator);
        if let Some(schema) = &self.history_schema {
            driver = driver.history_schema(schema);
        }
        if let Some(role) = &self.role {
            driver = driver.role(role);
        }
        self.trust.iter().fold(driver, Driver::trust)
    }
}
