use embed_migrate_core::catalog::PRINTING;
use embed_migrate_core::quote;

use super::catalog_queries::KINDS;
use super::scope::Scope;
use super::template::{expand, plainly};
use super::{catalog_queries, digest};

/// Settings that change nothing of the answer. Compiling a query of ours takes longer than running it; and what a role or
/// a database allows its statements is no limit for ours.
const UNHINDERED: [(&str, &str); 3] =
    [("jit", "off"), ("max_parallel_workers_per_gather", "0"), ("statement_timeout", "0")];

/// What to send: one message, which is a transaction by itself unless the caller has one open (PostgreSQL manual,
/// 55.2.2.1). The settings end with it, or are put back for the caller.
pub(crate) struct InspectionScript {
    pub(crate) sql: String,
    /// How many statements come before the first kind.
    pub(crate) before: usize,
}

impl InspectionScript {
    pub(crate) fn inspect(scope: &Scope<'_>) -> InspectionScript {
        let kinds = catalog_queries::of(scope).map(|kind| expand(kind.sql, scope, &plainly));
        InspectionScript::around(scope, kinds)
    }

    /// One statement over the same queries: a sum of hashes of all rows, with names instead of numbers.
    pub(crate) fn fingerprint(scope: &Scope<'_>) -> InspectionScript {
        let kinds = KINDS.iter().filter(|kind| kind.digested).enumerate().map(|(place, kind)| {
            let sql = expand(kind.sql, scope, &|words: &[&str]| digest::named(words, scope));
            format!("SELECT '{place} ' || r::pg_catalog.text AS line FROM ({sql}) AS r")
        });
        let lines: Vec<String> = kinds.collect();
        let sql = expand(digest::SQL, scope, &plainly).replace("[lines]", &lines.join("\nUNION ALL\n"));
        InspectionScript::around(scope, std::iter::once(sql))
    }

    fn around(scope: &Scope<'_>, statements: impl Iterator<Item = String>) -> InspectionScript {
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
        InspectionScript { sql: sql.join(";\n"), before: count }
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
