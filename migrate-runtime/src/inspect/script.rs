use migrate_core::catalog::PRINTING;
use migrate_core::quote;

use super::kinds::KINDS;
use super::scope::Scope;
use super::{digest, kinds};

/// Settings that change nothing of the answer. Compiling a query of ours takes longer than running it; and what a role or
/// a database allows its statements is no limit for ours.
const UNHINDERED: [(&str, &str); 3] =
    [("jit", "off"), ("max_parallel_workers_per_gather", "0"), ("statement_timeout", "0")];

/// What to send: one message, which is a transaction by itself unless the caller has one open (PostgreSQL manual,
/// 55.2.2.1). The settings end with it, or are put back for the caller.
pub(crate) struct Script {
    pub(crate) sql: String,
    /// How many statements come before the first kind.
    pub(crate) before: usize,
}

impl Script {
    pub(crate) fn inspect(scope: &Scope<'_>) -> Script {
        let kinds = kinds::of(scope).map(|kind| expand(kind.sql, scope, &plainly));
        Script::around(scope, kinds)
    }

    /// One statement over the same queries: a sum of hashes of all rows, with names instead of numbers.
    pub(crate) fn fingerprint(scope: &Scope<'_>) -> Script {
        let kinds = KINDS.iter().filter(|kind| kind.digested).enumerate().map(|(place, kind)| {
            let sql = expand(kind.sql, scope, &|words: &[&str]| digest::named(words, scope));
            format!("SELECT '{place} ' || r::pg_catalog.text AS line FROM ({sql}) AS r")
        });
        let lines: Vec<String> = kinds.collect();
        let sql = expand(digest::SQL, scope, &plainly).replace("[lines]", &lines.join("\nUNION ALL\n"));
        Script::around(scope, std::iter::once(sql))
    }

    fn around(scope: &Scope<'_>, statements: impl Iterator<Item = String>) -> Script {
        let ours = ours_set();
        let before = match scope.within {
            true => {
                vec![all(&|name, _| set(&kept(name), &format!("pg_catalog.current_setting('{name}')"))), ours]
            }
            false => vec![
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY".to_owned(),
                ours,
                YIELD.to_owned(),
            ],
        };
        let after = scope
            .within
            .then(|| all(&|name, _| set(name, &format!("pg_catalog.current_setting('{}')", kept(name)))));
        let count = before.len();
        let sql: Vec<String> = before.into_iter().chain(statements).chain(after).collect();
        Script { sql: sql.join(";\n"), before: count }
    }
}

/// Printing views opens their tables. Where it meets with another's change in a deadlock, we are to give way, before the
/// server, which looks after 1 s, ends either.
const YIELD: &str = "SELECT pg_catalog.set_config('lock_timeout', '100', true)";

/// Sets what we print with, to the end of the transaction.
pub(super) fn ours_set() -> String {
    all(&|name, value| set(name, &quote::literal(value)))
}

fn set(name: &str, value: &str) -> String {
    format!("pg_catalog.set_config('{name}', {value}, true)")
}

fn all(one: &dyn Fn(&str, &str) -> String) -> String {
    let calls: Vec<String> =
        PRINTING.iter().chain(&UNHINDERED).map(|(name, value)| one(name, value)).collect();
    format!("SELECT {}", calls.join(", "))
}

/// The name under which a setting of the caller's waits.
fn kept(name: &str) -> String {
    format!("migrate.caller_{}", name.to_lowercase())
}

/// Fills what stands in braces, word by word: what is the same for all, and what a reader and a digest take differently.
pub(crate) fn expand(sql: &str, scope: &Scope<'_>, differing: &dyn Fn(&[&str]) -> String) -> String {
    let mut parts = sql.split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inside, rest) = part.split_once('}').unwrap_or((part, ""));
        let words: Vec<&str> = inside.split(' ').collect();
        text.push_str(&match words.as_slice() {
            ["ours"] => ours(scope),
            ["rows"] => rows(scope),
            ["loose", class, oid] => loose(class, oid),
            ["collation", oid] => collation(oid),
            words => differing(words),
        });
        text.push_str(rest);
    }
    text
}

/// As a reader takes it: numbers, which it resolves by itself, and arrays, which it sorts.
pub(super) fn plainly(words: &[&str]) -> String {
    match words {
        ["grants", kind, acl, owner] => {
            format!("{acl}, CASE WHEN {acl} IS NOT NULL THEN pg_catalog.acldefault('{kind}', {owner}) END")
        }
        ["scope" | "commented", ..] => String::new(),
        ["object", _, oid] => (*oid).to_owned(),
        ["attributes", options] => attributes(options),
        [_, value, ..] => (*value).to_owned(),
        _ => String::new(),
    }
}

/// A column's options without the server's own: since November 2026 (15.20) it keeps there when the column was last
/// changed, which `pg_dump` leaves out as well.
pub(super) fn attributes(options: &str) -> String {
    let own = |option: &str| format!("pg_catalog.starts_with({option}, 'pg_attver=')");
    format!(
        "CASE WHEN {options} IS NULL OR pg_catalog.cardinality({options}) = 1 AND {} THEN NULL \
         ELSE NULLIF(ARRAY(SELECT option FROM pg_catalog.unnest({options}) AS option WHERE NOT {}), '{{}}') END",
        own(&format!("({options})[1]")),
        own("option"),
    )
}

pub(super) fn ours(scope: &Scope<'_>) -> String {
    let out = ["information_schema"].iter().chain(scope.leave_out);
    let out: Vec<String> = out.map(|schema| quote::literal(schema)).collect();
    format!(
        "(n.nspname <> ALL (ARRAY[{}]::pg_catalog.name[]) AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_'))",
        out.join(", ")
    )
}

/// A table that was analyzed since it was filled shows its pages; of any other only its file can tell.
fn rows(scope: &Scope<'_>) -> String {
    match scope.rows {
        true => "c.relpages > 0 OR c.relkind IN ('r', 'm') AND pg_catalog.pg_relation_size(c.oid) IS DISTINCT FROM 0",
        false => "true",
    }
    .to_owned()
}

/// That no extension owns it.
fn loose(class: &str, oid: &str) -> String {
    format!(
        "{oid} NOT IN (SELECT x.objid FROM pg_catalog.pg_depend AS x WHERE x.deptype = 'e' \
         AND x.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass \
         AND x.classid = 'pg_catalog.{class}'::pg_catalog.regclass)"
    )
}

fn collation(oid: &str) -> String {
    format!(
        "(SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(l.collname) \
         FROM pg_catalog.pg_collation AS l JOIN pg_catalog.pg_namespace AS cn ON cn.oid = l.collnamespace WHERE l.oid = {oid})"
    )
}
