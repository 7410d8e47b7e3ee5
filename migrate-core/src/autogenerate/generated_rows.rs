use std::collections::BTreeSet;

use crate::catalog::{
    Catalog, Column, ConstraintKind, Generation, Oid, QualifiedName, Relation, Table, TypeKind,
};
use crate::text::quote;

/// Rows for a table, made up.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GeneratedRows {
    /// The table.
    pub table: QualifiedName,
    /// A statement for each row.
    pub inserts: Vec<String>,
}

/// How many rows a table gets.
const ROWS: u32 = 3;

/// A few rows for each table that statements name, and for the tables that their foreign keys refer to. A value depends on
/// its type and on the row's number only, so that keys of the same number meet.
pub fn generated_rows(catalog: &Catalog, statements: &[String]) -> Vec<GeneratedRows> {
    let text = statements.join("\n");
    let named = |table: &Table| text.contains(&table.name.quoted()) || text.contains(&table.name.to_string());
    let mut wanted: BTreeSet<Oid> = catalog
        .tables
        .iter()
        .filter(|(_, table)| is_own(table) && named(table))
        .map(|(oid, _)| *oid)
        .collect();
    loop {
        let more: BTreeSet<Oid> =
            wanted.iter().filter_map(|oid| catalog.tables.get(oid)).flat_map(referenced).collect();
        let before = wanted.len();
        wanted.extend(more);
        if wanted.len() == before {
            break;
        }
    }
    let tables = wanted.iter().filter_map(|oid| catalog.tables.get(oid));
    tables
        .map(|table| GeneratedRows { table: table.name.clone(), inserts: inserts(catalog, table) })
        .collect()
}

fn is_own(table: &Table) -> bool {
    matches!(table.relation, Relation::Table { partition: None, .. })
}

fn referenced(table: &Table) -> impl Iterator<Item = Oid> {
    table.constraints.values().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::Foreign(reference) => Some(reference.table),
        _ => None,
    })
}

fn inserts(catalog: &Catalog, table: &Table) -> Vec<String> {
    (1..=ROWS).map(|row| insert(catalog, table, row)).collect()
}

fn insert(catalog: &Catalog, table: &Table, row: u32) -> String {
    let is_given =
        |column: &&Column| !matches!(column.generation, Some(Generation::Stored | Generation::Virtual));
    let columns = table.columns.values().filter(is_given);
    let given: Vec<(String, String)> = columns
        .filter_map(|column| {
            let value = value(catalog, &column.kind, column.type_oid, row, 0)?;
            Some((quote::identifier(&column.name), value))
        })
        .collect();
    let (names, values): (Vec<_>, Vec<_>) = given.into_iter().unzip();
    match names.is_empty() {
        true => format!("INSERT INTO {} DEFAULT VALUES", table.name.quoted()),
        false => format!(
            "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})",
            table.name.quoted(),
            names.join(", "),
            values.join(", ")
        ),
    }
}

/// A value of a type for the row of that number; `None` leaves it to the default.
fn value(catalog: &Catalog, kind: &str, oid: Oid, row: u32, depth: usize) -> Option<String> {
    if depth > 8 {
        return None;
    }
    if let Some(element) = kind.strip_suffix("[]") {
        return Some(match value(catalog, element, 0, row, depth + 1) {
            Some(element) => format!("ARRAY[{element}]::{kind}"),
            None => format!("'{{}}'::{kind}"),
        });
    }
    if let Some(own) =
        catalog.types.get(&oid).or_else(|| catalog.types.values().find(|it| is_named(it, kind)))
    {
        return match &own.kind {
            TypeKind::Enum(labels) => {
                let label = labels.get((row as usize - 1) % labels.len().max(1))?;
                Some(format!("{}::{kind}", quote::literal(label)))
            }
            TypeKind::Domain { base, .. } => value(catalog, base, 0, row, depth + 1),
            TypeKind::Composite(_) | TypeKind::Range(_) | TypeKind::Base(_) | TypeKind::Shell => None,
        };
    }
    built_in(kind, row)
}

fn is_named(own: &crate::catalog::DataType, kind: &str) -> bool {
    own.name.to_string() == kind || own.name.quoted() == kind
}

fn built_in(kind: &str, row: u32) -> Option<String> {
    let (plain, length) = match kind.split_once('(') {
        Some((plain, rest)) => {
            (plain.trim(), rest.split([')', ',']).next().and_then(|it| it.parse::<usize>().ok()))
        }
        None => (kind, None),
    };
    let text = match plain {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" | "oid" | "money" => {
            return Some(if plain == "money" { format!("'{row}'::money") } else { row.to_string() });
        }
        "boolean" => return Some(if row % 2 == 1 { "true" } else { "false" }.to_owned()),
        "text" | "character varying" | "character" | "bpchar" | "name" | "citext" | "\"char\"" => {
            let whole = format!("row{row}");
            let most = length.unwrap_or(if plain.starts_with("char") || plain == "\"char\"" { 1 } else { 8 });
            whole.get(whole.len().saturating_sub(most)..)?.to_owned()
        }
        "uuid" => format!("00000000-0000-0000-0000-{row:012}"),
        "json" | "jsonb" => format!("{{\"row\": {row}}}"),
        "date" => format!("2020-01-{row:02}"),
        "interval" => format!("{row} days"),
        "bytea" => format!("row{row}"),
        "inet" | "cidr" => format!("10.0.0.{row}"),
        "macaddr" => format!("00:00:00:00:00:{row:02}"),
        "xml" => format!("<row>{row}</row>"),
        "tsvector" | "tsquery" => format!("row{row}"),
        "int4range" | "int8range" | "numrange" => format!("[{row},{})", row + 1),
        "daterange" => format!("[2020-01-{row:02},2020-01-{:02})", row + 1),
        "point" => format!("({row},{row})"),
        _ if plain.starts_with("timestamp") => format!("2020-01-{row:02} 00:00:00+00"),
        _ if plain.starts_with("time") => format!("00:00:{row:02}+00"),
        _ => return None,
    };
    Some(format!("{}::{kind}", quote::literal(&text)))
}
