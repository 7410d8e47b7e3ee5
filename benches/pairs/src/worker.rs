use std::collections::BTreeMap;

use embed_migrate_core::catalog::{Catalog, RowPresence};
use embed_migrate_runtime::{Scope, inspect};
use harness::Result;
use tokio_postgres::NoTls;

use crate::database::Databases;
use crate::dump::Dump;
use crate::outcome::Outcome;
use crate::migration::{Migration, differences};
use crate::rows;

/// How many rows each table has.
type Rows = BTreeMap<String, i64>;

/// Where cases are tried.
pub(crate) struct Worker<'a> {
    /// Its databases.
    pub(crate) databases: Databases<'a>,
    /// For the inspection.
    pub(crate) runtime: &'a tokio::runtime::Runtime,
    /// Which of the threads; names of databases begin with it.
    pub(crate) number: usize,
    /// Whether tables get rows.
    pub(crate) rows: bool,
}

/// What a database should be.
pub(crate) struct Schema {
    /// As inspected.
    pub(crate) catalog: Catalog,
    /// As the judge sees it.
    pub(crate) dump: Dump,
}

impl Worker<'_> {
    /// The name of a database of this thread.
    pub(crate) fn database(&self, name: &str) -> String {
        format!("{name}_{}", self.number)
    }

    /// Reads a database.
    ///
    /// # Errors
    ///
    /// What the server, or `pg_dump`, says.
    pub(crate) fn read(&self, database: &str) -> Result<Schema> {
        let mut catalog = self.inspect(database)?;
        // They will have some.
        catalog.tables.values_mut().for_each(|table| table.rows = RowPresence::Perhaps);
        Ok(Schema { catalog, dump: Dump::of(self.databases.server, database)? })
    }

    fn inspect(&self, database: &str) -> Result<Catalog> {
        self.runtime.block_on(async {
            let (client, connection) =
                tokio_postgres::connect(&self.databases.server.url(database), NoTls).await?;
            let connection = tokio::spawn(connection);
            let catalog = inspect(&client, &Scope { rows: true, ..Scope::default() }).await;
            // A database can't be copied while somebody is in it.
            drop(client);
            connection.await??;
            Ok(catalog?)
        })
    }

    /// Leads a database, which is as `from` says, to `to`.
    ///
    /// # Errors
    ///
    /// What prevents that it is judged.
    pub(crate) fn lead(&self, database: &str, from: &Schema, to: &Schema) -> Result<(Outcome, Vec<String>)> {
        let migration = Migration::new(&from.catalog, &to.catalog);
        let outcome = self.outcome(database, &migration, from, to)?;
        Ok((outcome, migration.statements))
    }

    fn outcome(&self, database: &str, migration: &Migration, from: &Schema, to: &Schema) -> Result<Outcome> {
        if migration.statements.is_empty() && migration.impossible.is_empty() && from.dump != to.dump {
            return Ok(Outcome::SilentMiss { lines: Dump::differences(&to.dump, &from.dump) });
        }
        let rows = rows::count(self.databases.server, database, &from.catalog)?;
        if let Err((statement, error)) = self.apply(database, &migration.statements)? {
            return Ok(match migration.impossible.as_slice() {
                [] => Outcome::SqlFailed { statement, error },
                names => Outcome::Refused { names: names.join("\n") },
            });
        }
        let found = Dump::of(self.databases.server, database)?;
        if found == to.dump || self.is_same_again(&found, &to.dump)? {
            return self.rows_kept(database, migration, &rows, to);
        }
        let lines = Dump::differences(&to.dump, &found);
        if !migration.impossible.is_empty() {
            return Ok(Outcome::Refused { names: format!("{}\n{lines}", migration.impossible.join("\n")) });
        }
        let says_equal = differences(&to.catalog, &self.inspect(database)?).is_empty();
        Ok(if says_equal { Outcome::SilentMiss { lines } } else { Outcome::OtherCatalog { lines } })
    }

    /// Whether two dumps make the same: PostgreSQL prints some expressions in another way once they were parsed again.
    fn is_same_again(&self, one: &Dump, other: &Dump) -> Result<bool> {
        let one = self.again(one)?;
        Ok(one.is_some() && one == self.again(other)?)
    }

    /// The dump of what a dump makes; none if it can't be restored.
    fn again(&self, dump: &Dump) -> Result<Option<Dump>> {
        let database = self.database("again");
        // What every database has is there already.
        self.databases.create(&database)?;
        let text = dump.text.replace("CREATE SCHEMA public;", "");
        let restored = self.databases.load(&database, &text, false)?;
        let again = restored.is_ok().then(|| Dump::of(self.databases.server, &database)).transpose();
        self.databases.drop(&database)?;
        again
    }

    /// Whether no table that both have lost rows without a word of the plan.
    fn rows_kept(&self, database: &str, migration: &Migration, before: &Rows, to: &Schema) -> Result<Outcome> {
        let after = rows::count(self.databases.server, database, &to.catalog)?;
        let lost =
            after.iter().filter(|(table, rows)| before.get(*table).is_some_and(|before| before > *rows));
        let untold: Vec<&str> = lost
            .map(|(table, _)| table.as_str())
            .filter(|table| !migration.emptied.iter().any(|it| it == table))
            .collect();
        let tables = untold.join(", ");
        Ok(if tables.is_empty() { Outcome::Reached } else { Outcome::RowsLost { tables } })
    }

    /// Runs statements one by one, up to the first error.
    fn apply(
        &self,
        database: &str,
        statements: &[String],
    ) -> Result<std::result::Result<(), (String, String)>> {
        let mut client = self.databases.server.connect(database)?;
        client.batch_execute("SET statement_timeout = '30s'; SET client_min_messages = 'warning'")?;
        for statement in statements {
            if let Err(error) = client.batch_execute(statement) {
                return Ok(Err((statement.clone(), text(&error))));
            }
        }
        Ok(Ok(()))
    }
}

/// `CODE: message`, with what the server adds.
pub(crate) fn text(error: &postgres::Error) -> String {
    let Some(error) = error.as_db_error() else { return error.to_string() };
    let rest = [error.detail(), error.hint(), error.where_()];
    let rest: String = rest.into_iter().flatten().map(|line| format!("\n  {line}")).collect();
    format!("{}: {}{rest}", error.code().code(), error.message())
}
