use clap::Args;
use migrate_core::Result;
use migrate_runtime::{Scope, Settings};

use crate::exit::{EXIT_CODES, Exit};
use crate::print;

/// `ddl`: prints what the database contains, as SQL.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub struct Ddl {
    /// Only this table or view: `study`, or `app.study`
    #[arg(value_name = "TABLE")]
    pub table: Option<String>,
    /// The schema of the history's tables, which is left out (default: migrate)
    #[arg(long, value_name = "SCHEMA")]
    pub history_schema: Option<String>,
}

impl Ddl {
    pub(crate) async fn run(&self, settings: &Settings) -> Result<Exit> {
        let link = settings.connect().await?;
        let history = self.history_schema.as_deref().unwrap_or("migrate");
        let scope = Scope { leave_out: &[history], ..Scope::default() };
        let sql = migrate_runtime::ddl(&link.client, &scope, self.table.as_deref()).await?;
        print::result(sql.trim_end());
        Ok(Exit::Done)
    }
}
