//! Properties that hold for any list of facts, on a real server. More lists: CONTRIBUTING.md.

use std::fmt::Write;

use embed_migrate_core::catalog::{Catalog, compare};
use embed_migrate_runtime::{Driver, Scope, inspect};
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestError, TestRunner};
use tests::{cases, connect, database};
use tokio_postgres::Config;

/// A field of a table: its fact without its label.
#[derive(Debug, Clone)]
struct Field {
    kind: usize,
    default: bool,
    unique: bool,
    required: bool,
    title: bool,
}

/// A table: its columns, and whether it links to the one before it and to itself.
#[derive(Debug, Clone)]
struct Table {
    fields: Vec<Field>,
    link: Option<(bool, bool)>,
    itself: bool,
    by_link: bool,
    key: usize,
    label: usize,
    id: usize,
    rows: u8,
    extras: [bool; 6],
}

/// Types, and a default of each.
const TYPES: [(&str, &str); 20] = [
    ("boolean", "true"),
    ("integer", "-3"),
    ("integer-int4", "7"),
    ("decimal", "1.10"),
    ("float", "0.1"),
    ("text", "\"it's \\\\ 100% $$ ☂\""),
    ("date", "today()"),
    ("time", "'12:30'"),
    ("datetime", "now()"),
    ("json", "{a: [1, 2.50, null]}"),
    ("json-json", "[1]"),
    ("[one, two, 'it''s', Ü]", "it's"),
    ("numeric(12, 2)", "1.5"),
    ("varchar(20)", "x"),
    ("timestamptz", "'2020-01-01 00:00+02'"),
    ("uuid", "{sql: gen_random_uuid()}"),
    ("text[]", "'{a,b}'"),
    ("bytea", "'\\x00ff'"),
    ("interval", "{sql: \"interval '1 day' * 2\"}"),
    ("int4range", "'[1,3)'"),
];
const KEYS: [&str; 4] = ["code", "code: offset", "code: random", "code: uuid"];
const LABELS: [&str; 5] =
    ["study", "two_words", "select", "pg_x", "a_very_long_label_that_has_almost_as_many_bytes_as_it_may_hav"];
const IDS: [&str; 4] = ["", "\n  id: integer", "\n  id: uuid", ""];

fn field() -> impl Strategy<Value = Field> {
    (0..TYPES.len(), any::<[bool; 4]>()).prop_map(|(kind, [default, unique, required, title])| Field {
        kind,
        default,
        unique,
        required,
        title,
    })
}

fn table() -> impl Strategy<Value = Table> {
    let fields = prop::collection::vec(field(), 0..6);
    let link = prop::option::of(any::<(bool, bool)>());
    let names = (0..KEYS.len(), 0..LABELS.len(), 0..IDS.len());
    (fields, link, any::<[bool; 2]>(), names, 0..4u8, any::<[bool; 6]>()).prop_map(
        |(fields, link, [itself, by_link], (key, label, id), rows, extras)| Table {
            fields,
            link,
            itself,
            by_link,
            key,
            label,
            id,
            rows,
            extras,
        },
    )
}

fn schema(at: usize) -> &'static str {
    if at == 1 { "other." } else { "public." }
}

fn name(tables: &[Table], at: usize) -> String {
    format!("{}{}{at}", schema(at), LABELS[tables[at].label])
}

/// The facts of one table, those that can stand apart from each other each by itself, the table's own first.
fn facts(tables: &[Table], at: usize) -> Vec<String> {
    let (table, name) = (&tables[at], name(tables, at));
    let mut text = format!("- table: {name}{}", IDS[table.id]);
    if table.extras[0] && at + 1 == tables.len() {
        text += "\n  reliable: false";
    }
    if table.extras[1] {
        write!(text, "\n  title: 'Table: {at} # 100%'").unwrap();
    }
    text += "\n  with:\n  - {column: code, type: text}\n  - {column: size, type: integer, default: 1}";
    for (number, field) in table.fields.iter().enumerate() {
        let (kind, default) = TYPES[field.kind];
        let kind = if kind.starts_with('[') { kind.to_owned() } else { format!("\"{kind}\"") };
        // No equality, no uniqueness; nor where all rows have the default.
        let unique = field.unique && !field.default && kind != "\"json-json\"";
        write!(text, "\n  - {{column: f_{number}, type: {kind}, unique: {unique}").unwrap();
        write!(text, ", required: {}", field.required && field.default && !unique).unwrap();
        if field.default {
            write!(text, ", default: {default}").unwrap();
        }
        if field.title {
            write!(text, ", title: \"F: {number} 'x' \\\\ % \\u2028\"").unwrap();
        }
        text += "}";
    }
    let target = (at > 0 && table.link.is_some()).then(|| self::name(tables, at - 1));
    if let (Some(target), Some((unique, required))) = (&target, table.link) {
        let (unique, required) = (unique && !table.by_link, table.by_link || required && table.rows == 0);
        write!(text, "\n  - {{link: up, to: {target}, unique: {unique}, required: {required}}}").unwrap();
    }
    if table.itself {
        write!(text, "\n  - {{link: itself, to: {name}, required: false}}").unwrap();
    }
    let linked = target.is_some() && table.by_link;
    write!(text, "\n  - identity: [{}{}]", if linked { "up, " } else { "" }, KEYS[table.key]).unwrap();
    let mut facts = vec![text];
    let (sql, bare) = (sql_name(&name), name.replace('.', "_"));
    if table.extras[2] {
        facts.push(format!(
            "- {{index: i_{at}, of: {name}, on: [size DESC, lower(code)], where: \"size > 0\"}}"
        ));
        facts.push(format!("- {{index: u_{at}, of: {name}, on: [id, size], unique: true, include: [code]}}"));
    }
    if table.extras[3] {
        facts.push(format!(
            "- {{check: \"c {at} '%'\", of: {name}, that: \"size >= 0 and code <> '$body$ %'\"}}"
        ));
        facts.push(format!(
            "- {{alias: {name}.twice, sql: size * 2}}\n- {{alias: {name}.many, expression: 'count(x)'}}"
        ));
    }
    if table.extras[4] {
        facts.push(format!("- {{view: v_{at}, as: 'SELECT code, size + 1 AS more FROM {sql}'}}"));
        facts.push(format!(
            "- {{function: f_{at}(n bigint), as: 'RETURNS bigint LANGUAGE sql AS $$ SELECT n + {at} $$'}}"
        ));
    }
    if table.extras[5] {
        facts.push(format!("- {{grant: [SELECT, insert], on: {name}, to: public}}"));
        facts.push(format!(
            "- {{function: t_{at}(), as: 'RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$'}}\n\
             - {{trigger: 'tr {at}', of: {name}, before: [insert, {{update: [size]}}], for_each: row, when: 'NEW.size > 5', execute: t_{at}()}}"
        ));
    }
    if table.rows > 0 && !linked {
        let rows: Vec<String> = (0..table.rows).map(|n| format!("{{code: '00{n}', size: {n}}}")).collect();
        facts.push(format!("- data: [{}]\n  of: {name} # {bare}", rows.join(", ")));
    }
    facts
}

/// A table's name as SQL; labels that others might be built from get other names.
fn sql_name(name: &str) -> String {
    let (schema, label) = name.split_once('.').unwrap_or(("public", name));
    let table = embed_migrate_core::facts::mangle(&[label], None);
    format!("{schema}.\"{table}\"")
}

const BEFORE: &str = "- {schema: other}\n- {extension: citext}\n";

fn whole(tables: &[Table]) -> String {
    let facts: Vec<String> = (0..tables.len()).flat_map(|at| facts(tables, at)).collect();
    format!("{BEFORE}{}\n", facts.join("\n"))
}

/// The same facts in another order: each table's own, and then what is about it, from the last one to the first.
fn permuted(tables: &[Table]) -> String {
    let (mut own, mut rest) = (Vec::new(), Vec::new());
    for at in 0..tables.len() {
        let mut facts = facts(tables, at);
        own.push(facts.remove(0));
        rest.extend(facts);
    }
    rest.reverse();
    format!("{}\n{}\n{BEFORE}", own.join("\n"), rest.join("\n")).replacen(
        "- table",
        &format!("{BEFORE}- table"),
        1,
    )
}

async fn deploy(config: &Config, facts: &str) -> Result<(), String> {
    let fail = |error| format!("{facts}\n{error}");
    let mut driver = Driver::connect(config).await.unwrap();
    driver.deploy(facts).await.map_err(fail)?;
    driver.commit().await.unwrap();
    let again = driver.deploy(facts).await.map_err(fail)?;
    if !again.is_empty() {
        return Err(format!("{facts}\nsomething is left: {again:#?}"));
    }
    driver.verify(facts).await.map_err(fail)?;
    driver.commit().await.unwrap();
    Ok(())
}

/// What a database contains, columns in the order of their names.
async fn catalog(config: &Config) -> Catalog {
    let client = connect(config).await;
    inspect(&client, &Scope::default()).await.unwrap()
}

fn same(facts: &str, one: &Catalog, other: &Catalog) -> Result<(), String> {
    let messages = compare(one, other).iter().map(ToString::to_string).collect::<Vec<_>>();
    // The order of columns is no promise.
    let messages: Vec<String> = messages.into_iter().filter(|text| !text.contains("order of")).collect();
    if messages.is_empty() { Ok(()) } else { Err(format!("{facts}\n{messages:#?}")) }
}

fn each(what: impl AsyncFn(Vec<Table>) -> Result<(), String>) {
    let mut runner = TestRunner::new(Cases { max_shrink_iters: 100, ..cases(12) });
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let done = runner.run(&prop::collection::vec(table(), 1..5), |tables| {
        runtime.block_on(what(tables)).map_err(TestCaseError::fail)
    });
    if let Err(TestError::Fail(reason, _)) = done {
        panic!("{reason}");
    }
}

#[test]
fn what_is_deployed_holds_and_leaves_nothing_to_do() {
    each(async |tables| deploy(&database().await, &whole(&tables)).await);
}

#[test]
fn the_order_of_independent_facts_makes_no_difference() {
    each(async |tables| {
        let (one, other) = (database().await, database().await);
        let facts = whole(&tables);
        deploy(&one, &facts).await?;
        deploy(&other, &permuted(&tables)).await?;
        same(&facts, &catalog(&one).await, &catalog(&other).await)
    });
}

#[test]
fn facts_deployed_bit_by_bit_give_what_they_give_at_once() {
    each(async |tables| {
        let (one, other) = (database().await, database().await);
        let facts = whole(&tables);
        deploy(&one, &facts).await?;
        // Fewer tables first, each with fewer columns and of other types, and nothing else about it.
        let fewer: Vec<Table> = tables
            .iter()
            .take(tables.len().div_ceil(2))
            .cloned()
            .map(|mut table| {
                table.fields.truncate(table.fields.len() / 2);
                table.fields.iter_mut().for_each(|field| field.default = false);
                table.extras = [table.extras[0], false, table.extras[2], false, false, false];
                (table.key, table.rows) = (0, 0);
                table
            })
            .collect();
        deploy(&other, &whole(&fewer)).await?;
        deploy(&other, &facts).await?;
        same(&facts, &catalog(&one).await, &catalog(&other).await)
    });
}
