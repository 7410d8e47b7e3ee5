use std::time::Duration;

use clap::Args;
use embed_migrate_core::{RunOptions, Timeout};
use embed_migrate_runtime::{Driver, Event, Migrator};

use super::format::Format;
use crate::output::print;

/// The options of every command that talks to a database.
#[derive(Debug, Clone, Args)]
pub(crate) struct ConnectOptions {
    /// The schema of the history's tables (default: migrate)
    #[arg(long, value_name = "SCHEMA")]
    history_schema: Option<String>,
    /// The role that runs patches and owns what they create (default: the connection's)
    #[arg(long, value_name = "ROLE")]
    role: Option<String>,
    /// Also trust objects that this role or its members own; may be repeated
    #[arg(long, value_name = "ROLE")]
    trust: Vec<String>,
    /// How long to wait for a server that is down, is starting, has no free connection, or is not writable yet, such as 30s;
    /// 0s: not at all (default: 10s for a command that writes)
    #[arg(long, value_name = "TIME")]
    pub(crate) wait: Option<Timeout>,
    /// Start a new history for a bundle, even if the database has its patches under another name or in another history
    #[arg(long)]
    new_history: bool,
    /// The format of the result on stdout
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// The default of [`RunOptions::connect_wait`].
const WAIT: Duration = Duration::from_secs(10);

impl ConnectOptions {
    /// How long a command that writes waits for the server.
    pub(crate) fn wait_to_write(&self) -> Duration {
        self.wait.map_or(WAIT, Timeout::duration)
    }

    /// The migrator with these options added. Prints a line while it waits for the server.
    pub(crate) fn apply<'a>(&self, migrator: Migrator<'a>) -> Migrator<'a> {
        let migrator = migrator.progress(|event| {
            if let Event::Connecting { .. } = event {
                print::progress(event);
            }
        });
        migrator.with(|options| {
            self.set(options);
            options.connect_wait = self.wait.map(Timeout::duration).or(options.connect_wait);
        })
    }

    fn set(&self, options: &mut RunOptions) {
        if let Some(schema) = &self.history_schema {
            options.history_schema.clone_from(schema);
        }
        options.new_history |= self.new_history;
        options.role = self.role.clone().or(options.role.take());
        options.trust.extend(self.trust.iter().cloned());
    }

    /// A driver with these options, and with the migrator's trusted roles.
    pub(crate) fn drive(&self, driver: Driver, migrator: &Migrator<'_>) -> Driver {
        driver.trust_as(migrator).with(|options| self.set(options))
    }
}
