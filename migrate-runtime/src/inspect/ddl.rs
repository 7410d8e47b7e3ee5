use embed_migrate_core::catalog::{Catalog, Oid};
use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::Client;

use super::inspection::inspect;
use super::scope::Scope;

/// A database's schema as SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ddl {
    /// The statements, each with a semicolon and a line's end.
    pub sql: String,
    /// What the database contains and the SQL does not give back, such as a password: kind and name. The SQL names it
    /// in comments.
    pub left_out: Vec<(String, String)>,
}

/// The SQL that makes the database's schema again, or one table or view with all that is its own.
///
/// The whole, run on an empty database, gives an equal one, without `pg_dump`; see
/// [`DdlScript`](embed_migrate_core::catalog::DdlScript). A table is named as `study` or `public.study`.
///
/// ```no_run
/// # async fn example(client: &tokio_postgres::Client) -> embed_migrate_core::Result<()> {
/// use embed_migrate_runtime::{Scope, ddl};
///
/// let scope = Scope { leave_out: &["migrate"], ..Scope::default() };
/// let text: String = ddl(client, &scope, Some("study")).await?.sql;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`inspect`]; `Unsupported` where there is no such table, or one in each of several schemas.
pub async fn ddl(client: &Client, scope: &Scope<'_>, table: Option<&str>) -> Result<Ddl> {
    let catalog = inspect(client, scope).await?;
    match table {
        None => Ok(Ddl { sql: catalog.ddl().to_string(), left_out: catalog.others.into_iter().collect() }),
        Some(table) => {
            let sql = catalog.ddl().only([find(&catalog, table)?]).to_string();
            Ok(Ddl { sql, left_out: Vec::new() })
        }
    }
}

fn find(catalog: &Catalog, name: &str) -> Result<Oid> {
    let named = catalog.tables.iter().filter(|(_, table)| {
        table.name.name == name || table.name.to_string() == name || table.name.quoted() == name
    });
    let found: Vec<_> = named.collect();
    match found.as_slice() {
        [(oid, _)] => Ok(**oid),
        [] => Err(Error::new(ErrorKind::Unsupported, format!("there is no table or view `{name}`"))),
        several => {
            let names: Vec<String> = several.iter().map(|(_, table)| format!("`{}`", table.name)).collect();
            Err(Error::new(ErrorKind::Unsupported, format!("`{name}` is in several schemas"))
                .help(format!("say which: {}", names.join(", "))))
        }
    }
}
