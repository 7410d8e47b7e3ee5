//! The same queries for a digest: what a reader takes as numbers stands there as names and as places among the columns
//! that are left, and what it sorts comes sorted.

use super::scope::Scope;
use super::template::{attributes, ours};

pub(super) const SQL: &str = include_str!("digest.sql");

pub(super) fn named(words: &[&str], scope: &Scope<'_>) -> String {
    match words {
        ["key", _] => "NULL".to_owned(),
        ["owner", _] => "scope.name".to_owned(),
        ["scope", table] => format!("JOIN scope ON scope.oid = {table}"),
        ["table", table] => format!("{table}::pg_catalog.regclass"),
        ["type", oid] => format!("{oid}::pg_catalog.regtype"),
        ["place", number, table] => {
            format!(
                "CASE WHEN {table} NOT IN (SELECT attrelid FROM dropped) THEN {number} ELSE {} END",
                place(number, table)
            )
        }
        ["places", numbers, table] => format!(
            "CASE WHEN {table} NOT IN (SELECT attrelid FROM dropped) THEN pg_catalog.array_to_string({numbers}::pg_catalog.int2[], ' ') ELSE \
             (SELECT pg_catalog.string_agg(({})::pg_catalog.text, ' ' ORDER BY entry.place) FROM pg_catalog.unnest({numbers}::pg_catalog.int2[]) \
             WITH ORDINALITY AS entry(number, place)) END",
            place("entry.number", table)
        ),
        ["grants", kind, acl, owner] => format!(
            "CASE WHEN {acl} IS NOT NULL THEN NULLIF({}, {}) END",
            sorted(acl),
            sorted(&format!("pg_catalog.acldefault('{kind}', {owner})"))
        ),
        ["options", options] => sorted_if_any(options),
        ["attributes", options] => sorted_if_any(&attributes(options)),
        ["object", class, oid] => format!(
            "CASE {class} WHEN 'pg_catalog.pg_class'::pg_catalog.regclass THEN {oid}::pg_catalog.regclass::pg_catalog.text \
             ELSE (SELECT i.identity FROM pg_catalog.pg_identify_object({class}, {oid}, 0) AS i) END"
        ),
        // An object of a schema that is left out, and what extensions own.
        ["commented", class, oid] => format!(
            "AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = {class} AND d.objid = {oid} \
             AND d.deptype = 'e') AND EXISTS (SELECT FROM pg_catalog.pg_identify_object_as_address({class}, {oid}, 0) AS i, \
             LATERAL (SELECT i.object_names[1] AS nspname) AS n WHERE {} OR pg_catalog.array_length(i.object_names, 1) = 1 \
             AND i.type <> 'schema')",
            ours(scope)
        ),
        _ => String::new(),
    }
}

/// Which of the columns that are left a number stands for.
fn place(number: &str, table: &str) -> String {
    format!(
        "{number} - (SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute AS gone WHERE gone.attrelid = {table} \
         AND gone.attisdropped AND gone.attnum BETWEEN 1 AND {number})"
    )
}

fn sorted_if_any(array: &str) -> String {
    format!("CASE WHEN {array} IS NOT NULL THEN {} END", sorted(array))
}

fn sorted(array: &str) -> String {
    format!(
        "ARRAY(SELECT element::pg_catalog.text COLLATE \"C\" FROM pg_catalog.unnest({array}) AS element ORDER BY 1)"
    )
}
