use clap::Args;
use migrate_runtime::Migrator;

use crate::Format;

/// The options of every command that talks to a database.
#[derive(Debug, Clone, Args)]
pub struct Connect {
    /// The schema of the history's tables (default: migrate)
    #[arg(long, value_name = "SCHEMA")]
    pub history_schema: Option<String>,
    /// The role that patches run as, and that owns what they make (default: the connection's)
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// How to write the result on stdout
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

impl Connect {
    /// The migrator with these options on top of its own.
    pub(crate) fn apply<'a>(&self, mut migrator: Migrator<'a>) -> Migrator<'a> {
        if let Some(schema) = &self.history_schema {
            migrator = migrator.history_schema(schema);
        }
        if let Some(role) = &self.role {
            migrator = migrator.role(role);
        }
        migrator
    }
}
