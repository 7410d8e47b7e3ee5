use crate::catalog::{Catalog, Column, TypeKind};

/// A value of a column's type, for rows that lack one; `None` where no value of the type is known.
pub(super) fn placeholder(catalog: &Catalog, column: &Column) -> Option<String> {
    of_type(catalog, &column.kind, column.type_oid, 0)
}

fn of_type(catalog: &Catalog, kind: &str, oid: u32, depth: usize) -> Option<String> {
    if kind.ends_with("[]") {
        return Some(format!("'{{}}'::{kind}"));
    }
    if let Some(own) = catalog.types.get(&oid) {
        return match &own.kind {
            TypeKind::Enum(labels) => {
                labels.first().map(|label| format!("{}::{kind}", crate::text::quote::literal(label)))
            }
            TypeKind::Domain { base, .. } if depth < 8 => of_type(catalog, base, 0, depth + 1),
            _ => None,
        };
    }
    let plain = kind.split('(').next().unwrap_or_default().trim();
    let value = match plain {
        "smallint" | "integer" | "bigint" | "numeric" | "real" | "double precision" => "0",
        "boolean" => "false",
        "text" | "character varying" | "character" | "bpchar" | "bytea" | "xml" | "\"char\"" | "name"
        | "citext" => "''",
        "uuid" => "'00000000-0000-0000-0000-000000000000'",
        "json" | "jsonb" => "'{}'",
        "date" => "'1970-01-01'",
        "timestamp" | "timestamp without time zone" => "'1970-01-01 00:00:00'",
        "timestamp with time zone" => "'1970-01-01 00:00:00+00'",
        "time" | "time without time zone" => "'00:00:00'",
        "time with time zone" => "'00:00:00+00'",
        "interval" => "'00:00:00'",
        "money" => "0",
        "inet" | "cidr" => "'0.0.0.0'",
        "macaddr" => "'00:00:00:00:00:00'",
        "macaddr8" => "'00:00:00:00:00:00:00:00'",
        "point" => "'(0,0)'",
        "box" => "'(0,0),(0,0)'",
        "circle" => "'<(0,0),0>'",
        "lseg" => "'[(0,0),(0,0)]'",
        "line" => "'{1,0,0}'",
        "path" => "'((0,0))'",
        "polygon" => "'((0,0))'",
        "tsvector" | "tsquery" => "''",
        "oid" => "0",
        "int4range" | "int8range" | "numrange" | "tsrange" | "tstzrange" | "daterange" => "'empty'",
        "pg_lsn" => "'0/0'",
        _ if plain.starts_with("timestamp") && kind.ends_with("with time zone") => "'1970-01-01 00:00:00+00'",
        "bit" => return Some(format!("B'0'::{kind}")),
        "bit varying" => "B''",
        _ => return None,
    };
    Some(match value.starts_with('\'') {
        true => format!("{value}::{kind}"),
        false => value.to_owned(),
    })
}
