use clap::Args;
use embed_migrate_core::{Bundle, Error, ErrorKind, Result};
use embed_migrate_runtime::{Scope, Settings};

use crate::output::exit::{EXIT_CODES, Exit};
use crate::output::print;

/// `ddl`: prints a schema as SQL.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct Ddl {
    /// Only this table or view: `study`, or `app.study`
    #[arg(value_name = "TABLE")]
    table: Option<String>,
    /// Print what the bundle's facts declare, without a database
    #[arg(long, conflicts_with = "history_schema")]
    pub(crate) declared: bool,
    /// The schema of the history's tables, which is left out (default: migrate)
    #[arg(long, value_name = "SCHEMA")]
    history_schema: Option<String>,
}

impl Ddl {
    pub(crate) async fn run(&self, settings: &Settings) -> Result<Exit> {
        let link = settings.connect().await?;
        let history = self.history_schema.as_deref().unwrap_or("migrate");
        let scope = Scope { leave_out: &[history], ..Scope::default() };
        let ddl = embed_migrate_runtime::ddl(&link.client, &scope, self.table.as_deref()).await?;
        print::result(ddl.sql.trim_end());
        for (kind, name) in &ddl.left_out {
            print::progress(format_args!("warning: the SQL does not have the {kind} `{name}`"));
        }
        Ok(if ddl.left_out.is_empty() { Exit::Done } else { Exit::Different })
    }

    /// Prints what the facts of each bundle declare.
    pub(crate) fn of_facts(&self, bundles: &[&Bundle]) -> Result<Exit> {
        let with_facts = bundles.iter().filter(|bundle| bundle.facts().is_some());
        let mut problems = Vec::new();
        let mut is_found = false;
        for bundle in with_facts {
            let schema = bundle.schema().unwrap_or("public");
            match embed_migrate_runtime::declared(&bundle.declared(bundles)?, schema, self.table.as_deref()) {
                Ok(sql) => {
                    print::result(sql);
                    is_found = true;
                }
                Err(error) if error.kind() == ErrorKind::Missing => problems.push(error),
                Err(error) => return Err(error),
            }
        }
        match is_found {
            true => Ok(Exit::Done),
            false => Err(Error::all(problems).unwrap_or_else(without_facts)),
        }
    }
}

fn without_facts() -> Error {
    Error::new(ErrorKind::Missing, "the bundle declares no facts")
        .help("facts are in its deploy.yaml; without `--declared`, `ddl` prints a database's schema")
}
