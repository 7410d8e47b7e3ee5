//! Histories in other schemas of the database, and those of other tools, as its catalog shows them.

use embed_migrate_core::{Result, quote};
use tokio_postgres::Client;

use crate::connection::rows::rows;
use crate::history::row::text;
use crate::history::schema::HistorySchema;
use crate::options::options::Options;
use crate::query::ask::ask;
use crate::query::failure;
use crate::trust::trusted_roles::is_trusted;

const FOUND: &str = include_str!("history_tables.sql");

/// The name of a table, the columns that identify it, and the other tool that it belongs to, if any.
const TABLES: [(&str, &[&str], Option<&str>); 34] = [
    (PATCH, &["position", "previous", "bundle", "version", "tokens"], None),
    ("_sqlx_migrations", &["version", "checksum", "success"], Some("sqlx")),
    ("__diesel_schema_migrations", &["version", "run_on"], Some("Diesel")),
    ("refinery_schema_history", &["version", "name", "checksum"], Some("refinery")),
    ("schema_migrations", &["version"], Some("golang-migrate, dbmate, Rails or Ecto")),
    ("goose_db_version", &["version_id", "is_applied"], Some("goose")),
    ("flyway_schema_history", &["installed_rank", "checksum"], Some("Flyway")),
    ("alembic_version", &["version_num"], Some("Alembic")),
    ("changes", &["change_id", "script_hash", "planner_name"], Some("Sqitch")),
    ("_prisma_migrations", &["migration_name", "applied_steps_count"], Some("Prisma")),
    ("gopg_migrations", &["version", "created_at"], Some("go-pg")),
    ("seaql_migrations", &["version", "applied_at"], Some("SeaORM")),
    ("django_migrations", &["app", "name", "applied"], Some("Django")),
    ("databasechangelog", &["author", "orderexecuted", "md5sum"], Some("Liquibase")),
    ("knex_migrations", &["name", "batch"], Some("Knex")),
    ("pgmigrations", &["name", "run_on"], Some("node-pg-migrate")),
    ("schema_migration", &["version"], Some("soda")),
    ("gorp_migrations", &["id", "applied_at"], Some("sql-migrate")),
    ("schema_version", &["version"], Some("tern, or an old Flyway")),
    ("atlas_schema_revisions", &["version", "hash"], Some("Atlas")),
    ("migrations", &["schema", "name", "parent"], Some("pgroll")),
    ("migrations", &["hash", "previous_hash"], Some("graphile-migrate")),
    ("migrations", &["migration", "batch"], Some("Laravel")),
    ("migrations", &["timestamp", "name"], Some("TypeORM")),
    ("mikro_orm_migrations", &["name", "executed_at"], Some("MikroORM")),
    ("SequelizeMeta", &["name"], Some("Sequelize")),
    ("__drizzle_migrations", &["hash", "created_at"], Some("Drizzle")),
    ("__EFMigrationsHistory", &["MigrationId", "ProductVersion"], Some("EF Core")),
    ("schemaversions", &["scriptname", "applied"], Some("DbUp")),
    ("play_evolutions", &["id", "hash", "apply_script"], Some("Play")),
    ("phinxlog", &["version", "migration_name"], Some("Phinx")),
    ("doctrine_migration_versions", &["version", "executed_at"], Some("Doctrine")),
    ("_yoyo_migration", &["migration_hash", "migration_id"], Some("yoyo")),
    ("launchpaddatabaserevision", &["major", "minor", "patch"], Some("lazr.postgresql")),
];

/// Schemas that tools keep their table in, which is called as another tool's.
const SCHEMAS: [(&str, &str); 2] = [("hdb_catalog", "Hasura"), ("supabase_migrations", "Supabase")];

const PATCH: &str = "patch";

/// A table that looks like that of a history.
#[derive(Debug)]
pub(crate) struct HistoryTable {
    /// The other tool whose it is.
    pub(crate) tool: Option<&'static str>,
    pub(crate) schema: String,
    pub(crate) table: String,
    pub(crate) owner: String,
    pub(crate) trusted: bool,
}

/// Whether there may be one: an expression for a question that reads nothing else of the catalog, so that a first boot
/// pays next to nothing for it.
pub(crate) fn may_exist(own: &HistorySchema) -> String {
    let names: Vec<_> = TABLES.iter().map(|(name, ..)| quote::literal(name)).collect();
    format!(
        "EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.relname OPERATOR(pg_catalog.=) ANY \
         (ARRAY[{}]::pg_catalog.name[]) AND c.relnamespace OPERATOR(pg_catalog.<>) \
         COALESCE(pg_catalog.to_regnamespace({})::pg_catalog.oid, 0::pg_catalog.oid))",
        names.join(", "),
        quote::literal(&own.quoted)
    )
}

/// The tables that there are, but for those in our own schema. Nothing of them is read.
///
/// # Errors
///
/// The catalog can't be read.
pub(crate) async fn find_history_tables(
    client: &Client,
    options: &Options,
    own: &HistorySchema,
) -> Result<Vec<HistoryTable>> {
    let tables: Vec<_> =
        TABLES.iter().zip(0..).map(|((name, columns, _), at)| known_by(name, columns, at)).collect();
    let sql = FOUND
        .replace("{tables}", &tables.join(", "))
        .replace("{own}", &quote::literal(&own.name))
        .replace("{trusted}", &is_trusted(options, "c.relowner"));
    let sql = format!("SET LOCAL search_path = pg_catalog, pg_temp; {sql}");
    let messages = ask(client, options, &sql).await;
    let messages = messages.map_err(|error| failure::own("looking for other histories", error))?;
    let parse = |row| {
        let known = text(row, 4)?.parse().ok().and_then(|at: usize| TABLES.get(at));
        let schema = text(row, 0)?;
        let by_schema = SCHEMAS.iter().find(|(name, _)| *name == schema).map(|(_, tool)| *tool);
        let by_table = known.and_then(|(.., tool)| *tool);
        Ok(HistoryTable {
            tool: by_table.map(|tool| by_schema.unwrap_or(tool)),
            schema: schema.to_owned(),
            table: text(row, 1)?.to_owned(),
            owner: text(row, 2)?.to_owned(),
            trusted: row.get(3) == Some("t"),
        })
    };
    rows(&messages).map(parse).collect()
}

fn known_by(name: &str, columns: &[&str], at: usize) -> String {
    let columns: Vec<_> = columns.iter().map(|column| quote::literal(column)).collect();
    format!("({}, ARRAY[{}]::name[], {at})", quote::literal(name), columns.join(", "))
}
