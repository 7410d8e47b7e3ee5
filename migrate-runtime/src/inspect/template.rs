use embed_migrate_core::quote;

use super::scope::Scope;

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
            ["operator", oid] => operator(oid),
            ["items", class, oid] => items(class, oid),
            words => differing(words),
        });
        text.push_str(rest);
    }
    text
}

/// As a reader takes it: numbers, which it resolves by itself, and arrays, which it sorts.
pub(crate) fn plainly(words: &[&str]) -> String {
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
pub(crate) fn attributes(options: &str) -> String {
    let own = |option: &str| format!("pg_catalog.starts_with({option}, 'pg_attver=')");
    format!(
        "CASE WHEN {options} IS NULL OR pg_catalog.cardinality({options}) = 1 AND {} THEN NULL \
         ELSE NULLIF(ARRAY(SELECT option FROM pg_catalog.unnest({options}) AS option WHERE NOT {}), '{{}}') END",
        own(&format!("({options})[1]")),
        own("option"),
    )
}

pub(crate) fn ours(scope: &Scope<'_>) -> String {
    let out = ["information_schema"].iter().chain(scope.leave_out);
    let out: Vec<String> = out.map(|schema| quote::literal(schema)).collect();
    format!(
        "(n.nspname <> ALL (ARRAY[{}]::pg_catalog.name[]) AND NOT pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_'))",
        out.join(", ")
    )
}

/// A table that was analyzed since it was filled shows its pages; of any other only its file can tell.
pub(crate) fn rows(scope: &Scope<'_>) -> String {
    match scope.rows {
        true => "c.relpages > 0 OR c.relkind IN ('r', 'm') AND pg_catalog.pg_relation_size(c.oid) IS DISTINCT FROM 0",
        false => "true",
    }
    .to_owned()
}

/// That no extension owns it.
pub(crate) fn loose(class: &str, oid: &str) -> String {
    format!(
        "{oid} NOT IN (SELECT x.objid FROM pg_catalog.pg_depend AS x WHERE x.deptype = 'e' \
         AND x.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass \
         AND x.classid = 'pg_catalog.{class}'::pg_catalog.regclass)"
    )
}

pub(crate) fn collation(oid: &str) -> String {
    format!(
        "(SELECT pg_catalog.quote_ident(cn.nspname) || '.' || pg_catalog.quote_ident(l.collname) \
         FROM pg_catalog.pg_collation AS l JOIN pg_catalog.pg_namespace AS cn ON cn.oid = l.collnamespace WHERE l.oid = {oid})"
    )
}

/// An operator as CREATE OPERATOR names another.
fn operator(oid: &str) -> String {
    format!(
        "(SELECT pg_catalog.format('OPERATOR(%I.%s)', another.nspname, other.oprname) FROM pg_catalog.pg_operator AS other \
         JOIN pg_catalog.pg_namespace AS another ON another.oid = other.oprnamespace WHERE other.oid = {oid})"
    )
}

/// What belongs to an operator class, or to a family outside its classes: as SQL, and as numbers in `pg_amop` and
/// `pg_amproc`.
fn items(class: &str, oid: &str) -> String {
    include_str!("objects/items.sql").trim_end().replace("[class]", class).replace("[oid]", oid)
}
