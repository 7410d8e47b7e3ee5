//! A plan leads from one catalog to another, and back: its operations run in their order, and what they lead to is equal.
//! The order of columns is not changed.

use embed_migrate_core::catalog::{Catalog, DifferenceKind, Operation, Plan, PlanOptions, compare, plan};
use tests::catalog::catalog;
use tests::{connect, database, server};
use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, Row};

/// Cases of one topic: `-- case NAME`, then the SQL of the first schema, `-- to`, and the SQL of the second; between `--
/// both` and `-- from` stands what both have.
struct Case {
    name: String,
    both: String,
    from: String,
    to: String,
}

fn cases(text: &str) -> Vec<Case> {
    let texts = text.split("-- case ").skip(1);
    texts
        .map(|text| {
            let (name, rest) = text.split_once('\n').unwrap();
            let (both, rest) = match rest.split_once("-- from\n") {
                Some((both, rest)) => (both, rest),
                None => ("", rest),
            };
            let (from, to) = rest.split_once("-- to\n").unwrap_or_else(|| panic!("{name}: no `-- to`"));
            let [both, from, to] = [both, from, to].map(str::to_owned);
            Case { name: name.to_owned(), both, from, to }
        })
        .collect()
}

async fn made(sql: [&str; 2]) -> (Config, Client) {
    let config = database().await;
    let client = connect(&config).await;
    for sql in sql {
        client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}\n{error:?}"));
    }
    (config, client)
}

/// Tries both ways; returns what went wrong.
async fn check(case: &Case) -> Vec<String> {
    let (_, from) = made([&case.both, &case.from]).await;
    let (_, to) = made([&case.both, &case.to]).await;
    let (was, is) = (catalog(&from).await, catalog(&to).await);
    let mut wrong = Vec::new();
    for (client, was, is, way) in [(&from, &was, &is, "forth"), (&to, &is, &was, "back")] {
        if let Err(why) = lead(client, was, is).await {
            wrong.push(format!("{} {way}: {why}", case.name));
        }
    }
    wrong
}

async fn lead(client: &Client, was: &Catalog, is: &Catalog) -> Result<(), String> {
    let plan = plan(was, is, &PlanOptions::default());
    let text = |plan: &Plan| -> String {
        let statements = plan.operations.iter().flat_map(|operation| &operation.statements);
        statements.map(|statement| format!("{statement};\n")).collect()
    };
    let there = tables(client).await;
    for operation in &plan.operations {
        client.batch_execute("BEGIN").await.unwrap();
        for statement in &operation.statements {
            client.batch_execute(statement).await.map_err(|error| {
                let why = error
                    .as_db_error()
                    .map_or_else(|| error.to_string(), |it| format!("{it}: {:?}", it.detail()));
                format!("{why}\n  at {statement}\n  in {}", text(&plan))
            })?;
        }
        let untold = untold_locks(client, &there, operation).await;
        client.batch_execute("COMMIT").await.unwrap();
        if !untold.is_empty() {
            return Err(format!("{untold:?} was not told\n  by {operation:#?}"));
        }
    }
    let now = catalog(client).await;
    let order =
        |kind: &DifferenceKind| matches!(kind, DifferenceKind::Changed { aspect: "order of columns", .. });
    let named: Vec<String> = plan.impossible.iter().map(ToString::to_string).collect();
    let left = compare(is, &now).into_iter().filter(|it| !order(&it.kind)).map(|it| it.to_string());
    let left: Vec<String> = left.filter(|it| !named.contains(it)).collect();
    match left.is_empty() {
        true => Ok(()),
        false => Err(format!("{left:?}\n  after {}", text(&plan))),
    }
}

/// The numbers of the tables that are there.
async fn tables(client: &Client) -> Vec<u32> {
    let sql = "SELECT oid FROM pg_class WHERE relkind IN ('r', 'p', 'f', 'm') AND oid >= 16384";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// The locks on tables that were there, as the server holds them in this transaction, if the operation does not say them.
async fn untold_locks(client: &Client, there: &[u32], operation: &Operation) -> Vec<String> {
    let sql = "SELECT n.nspname, c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
               JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE l.pid = pg_backend_pid() AND c.oid = ANY($1) \
               AND l.mode NOT IN ('AccessShareLock', 'RowShareLock', 'RowExclusiveLock')";
    let held = client.query(sql, &[&there]).await.unwrap();
    let told = |row: &Row| {
        let (schema, name, mode): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        let mode = strength(&mode.replace("Lock", ""));
        let mut told = operation.locks.iter();
        told.any(|it| {
            it.table.schema == schema
                && it.table.name == name
                && strength(&it.mode.as_str().replace(' ', "")) >= mode
        })
    };
    let untold = held.iter().filter(|row| !told(row));
    untold.map(|row| format!("{} of {}", row.get::<_, String>(2), row.get::<_, String>(1))).collect()
}

fn strength(mode: &str) -> usize {
    let modes = ["shareupdateexclusive", "share", "sharerowexclusive", "exclusive", "accessexclusive"];
    modes.iter().position(|it| *it == mode.to_lowercase()).unwrap()
}

/// The roles that cases give rights to. A server has them once, and the tests of this file share it.
static ROLES: OnceCell<()> = OnceCell::const_new();

async fn create_roles() {
    let config = server().database().await.unwrap();
    connect(&config).await.batch_execute("CREATE ROLE reader_role; CREATE ROLE writer_role").await.unwrap();
}

async fn lead_all(texts: &[&str]) {
    ROLES.get_or_init(create_roles).await;
    let only = std::env::var("PLAN_CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    for text in texts {
        for case in cases(text).iter().filter(|case| case.name.contains(&only)) {
            wrong.extend(check(case).await);
        }
    }
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_and_what_depends_on_them() {
    lead_all(&[include_str!("plans/columns.sql"), include_str!("plans/retypes.sql")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_indexes() {
    lead_all(&[include_str!("plans/keys.sql")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn partitions_and_children() {
    lead_all(&[include_str!("plans/partitions.sql")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn views_and_functions() {
    lead_all(&[include_str!("plans/views.sql"), include_str!("plans/functions.sql")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn types_and_domains() {
    lead_all(&[include_str!("plans/types.sql")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_that_are_kept_as_their_sql() {
    lead_all(&[include_str!("plans/objects.sql")]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_and_the_rest() {
    lead_all(&[include_str!("plans/tables.sql")]).await;
}
