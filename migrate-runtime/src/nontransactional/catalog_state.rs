use embed_migrate_core::recover::ObjectState;
use embed_migrate_core::{Class, Error, ErrorKind, Result, Statement, catalog_name, quote};
use tokio_postgres::{Client, SimpleQueryMessage, SimpleQueryRow};

use crate::options::options::Options;
use crate::query::ask::{ANSWER, answers, with_timeout};
use crate::query::failure;

const INDEX: &str = include_str!("catalog_state/index.sql");
const LEFTOVERS: &str = include_str!("catalog_state/leftovers.sql");
const PARTITION: &str = include_str!("catalog_state/partition.sql");

/// Looks at what a statement acts on. `path` is the search path with which the statement runs, as a SET LOCAL, and what
/// the patch set before it; `after` undoes that.
///
/// # Errors
///
/// The catalog can't be read.
pub(crate) async fn look(
    client: &Client,
    options: &Options,
    path: &str,
    after: &str,
    statement: &Statement,
    text: &str,
) -> Result<ObjectState> {
    let Some(question) = question(statement, text) else { return Ok(ObjectState::default()) };
    let name = |range: &std::ops::Range<usize>| {
        quote::literal(&catalog_name(text.get(range.clone()).unwrap_or_default()))
    };
    let role = options.role.as_deref().map(|role| format!("SET LOCAL ROLE {};\n", quote::identifier(role)));
    // Names mean what they mean to the statement; all else is the catalog's own. The found numbers wait in settings,
    // for nothing else outlasts a statement within a message.
    let relation = |setting: &str, range| match name(range) {
        empty if empty == "''" => String::new(),
        name => format!(
            "SELECT pg_catalog.set_config('{setting}', pg_catalog.to_regclass({name})::pg_catalog.oid::pg_catalog.text, true);\n"
        ),
    };
    let names = match statement.class {
        Class::CreateIndex => relation(TABLE, &statement.other),
        Class::DropIndex | Class::ReindexIndex => relation(TARGET, &statement.target),
        Class::ReindexTable => relation(TABLE, &statement.target),
        Class::Detach => relation(TABLE, &statement.target) + &relation(TARGET, &statement.other),
        _ => String::new(),
    };
    let sql = format!(
        "{}{path}{names}SET LOCAL search_path = pg_catalog, pg_temp;\n{ANSWER}{};\n{after}",
        role.unwrap_or_default(),
        question
            .iter()
            .map(|question| fill(question, &name(&statement.target)))
            .collect::<Vec<_>>()
            .join(";\n"),
    );
    let asked = with_timeout(options, client.simple_query(&sql)).await;
    let messages = asked.map_err(|error| failure::own("looking at the catalog", error))?;
    read(&messages)
}

const TABLE: &str = "migrate.table";
const TARGET: &str = "migrate.target";

/// Of a process of another role we see that it builds an index, but not which; its lock shows the table.
const BUILDS: &str = "p.pid <> pg_backend_pid() AND ({own} OR p.relid IS NULL AND EXISTS (\
    SELECT FROM pg_locks AS l WHERE l.pid = p.pid AND l.granted AND l.relation = i.indrelid \
    AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database())))";

fn fill(question: &str, name: &str) -> String {
    let setting = |name| format!("NULLIF(current_setting('{name}', true), '')::oid");
    question.replace("{table}", &setting(TABLE)).replace("{target}", &setting(TARGET)).replace("{name}", name)
}

/// The query; `None` if its answer would decide nothing.
fn question(statement: &Statement, text: &str) -> Option<Vec<String>> {
    let named = "(parse_ident({name}))[1]::name";
    let created = "c.relname = (parse_ident({name}))[1]::name \
                   AND c.relnamespace = (SELECT t.relnamespace FROM pg_class AS t WHERE t.oid = {table})";
    let index = INDEX.replace("{builds}", &BUILDS.replace("{own}", "p.index_relid = c.oid"));
    let leftovers = LEFTOVERS.replace("{builds}", &BUILDS.replace("{own}", "p.relid = i.indrelid"));
    let by_number = index.replace("{which}", "c.oid = {target}");
    let of_target = "(SELECT x.indrelid FROM pg_index AS x WHERE x.indexrelid = {target})";
    let catalog = |oid: &str, table: &str, name: &str| {
        vec![format!("SELECT {oid}, false, false, false, NULL, {name} FROM {table} WHERE {name} = {named}")]
    };
    Some(match statement.class {
        Class::CreateIndex => vec![index.replace("{which}", created)],
        Class::DropIndex => vec![by_number],
        Class::ReindexIndex => vec![by_number, leftovers.replace("{table}", of_target)],
        Class::ReindexTable => vec![leftovers],
        Class::ReindexMany => vec![leftovers.replace("{table}", "NULL::oid")],
        Class::Detach => vec![PARTITION.to_owned()],
        Class::CreateDatabase | Class::DropDatabase => catalog("oid", "pg_database", "datname"),
        Class::CreateTablespace | Class::DropTablespace => catalog("oid", "pg_tablespace", "spcname"),
        Class::CreateSubscription | Class::DropSubscription => catalog("oid", "pg_subscription", "subname"),
        Class::EndPrepared => {
            let gid = text.get(statement.target.clone()).unwrap_or_default();
            vec![format!(
                "SELECT transaction::text::bigint, false, false, false, NULL, gid FROM pg_prepared_xacts WHERE gid = {gid}"
            )]
        }
        Class::Schema | Class::Drop | Class::Rows | Class::Any | Class::Batch | Class::Repeatable => {
            return None;
        }
        Class::Publication | Class::Subscription | Class::RefreshSubscription => return None,
    })
}

/// The first question has one row at the most, with seven columns or six; the second has leftovers, with three.
fn read(messages: &[SimpleQueryMessage]) -> Result<ObjectState> {
    let mut seen = ObjectState::default();
    for row in answers(messages).filter(|row| row.len() >= 3) {
        let builder = if row.len() == 3 { 1 } else { 4 };
        seen.builder = row.get(builder).and_then(|pid| pid.parse().ok()).or(seen.builder);
        if row.len() == 3 {
            seen.leftovers.push((number(row)?, row.get(2).unwrap_or_default().to_owned()));
            continue;
        }
        let holds = |column| row.get(column) == Some("t");
        seen.object = Some(number(row)?);
        (seen.valid, seen.belongs, seen.pending) = (holds(1), holds(2), holds(3));
        seen.names = (5..row.len()).filter_map(|column| row.get(column)).map(str::to_owned).collect();
    }
    Ok(seen)
}

fn number(row: &SimpleQueryRow) -> Result<u32> {
    let number = row.get(0).and_then(|number| number.parse().ok());
    number.ok_or_else(|| Error::new(ErrorKind::Unsupported, "the catalog names an object without a number"))
}
