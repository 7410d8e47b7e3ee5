//! PostgreSQL's types: one spelling for each.

use super::declared_type::DeclaredType;

/// The type that a word of the language means, as `format_type` prints it; enums have no such type before they are
/// created.
pub(crate) fn printed(kind: &DeclaredType) -> Option<String> {
    let name = match kind {
        DeclaredType::Boolean => "boolean",
        DeclaredType::Integer => "bigint",
        DeclaredType::Int4 => "integer",
        DeclaredType::Decimal => "numeric",
        DeclaredType::Float => "double precision",
        DeclaredType::Text => "text",
        DeclaredType::Date => "date",
        DeclaredType::Time => "time without time zone",
        DeclaredType::Datetime => "timestamp without time zone",
        DeclaredType::Json => "jsonb",
        DeclaredType::JsonJson => "json",
        DeclaredType::Sql(name) => return Some(canonical(name)),
        DeclaredType::Enum(_) => return None,
    };
    Some(name.to_owned())
}

/// A type as SQL; a type that isn't one of the language's words stays as the user wrote it.
pub(crate) fn sql_name(kind: &DeclaredType) -> String {
    match kind {
        DeclaredType::Sql(name) => name.clone(),
        kind => printed(kind).unwrap_or_default(),
    }
}

/// The language's word for a type, for messages; other types stay as they are written.
pub(crate) fn word(kind: &DeclaredType) -> String {
    match kind {
        DeclaredType::Boolean => "boolean".into(),
        DeclaredType::Integer => "integer".into(),
        DeclaredType::Int4 => "integer-int4".into(),
        DeclaredType::Decimal => "decimal".into(),
        DeclaredType::Float => "float".into(),
        DeclaredType::Text => "text".into(),
        DeclaredType::Date => "date".into(),
        DeclaredType::Time => "time".into(),
        DeclaredType::Datetime => "datetime".into(),
        DeclaredType::Json => "json".into(),
        DeclaredType::JsonJson => "json-json".into(),
        DeclaredType::Sql(name) => name.clone(),
        DeclaredType::Enum(labels) => format!("[{}]", labels.join(", ")),
    }
}

/// Aliases of types (PostgreSQL manual, table 8.1), and the names that `format_type` prints.
const ALIASES: [(&str, &str); 17] = [
    ("bool", "boolean"),
    ("int", "integer"),
    ("int2", "smallint"),
    ("int4", "integer"),
    ("int8", "bigint"),
    ("float", "double precision"),
    ("float4", "real"),
    ("float8", "double precision"),
    ("decimal", "numeric"),
    ("dec", "numeric"),
    ("varchar", "character varying"),
    ("char", "character"),
    ("bpchar", "character"),
    ("varbit", "bit varying"),
    ("timetz", "time with time zone"),
    ("timestamptz", "timestamp with time zone"),
    ("char varying", "character varying"),
];

/// One spelling for a type: as `format_type` prints it, as far as this is known without asking the server.
///
/// `numeric(12, 2)` becomes `numeric(12,2)`, `timestamptz(3)` becomes `timestamp(3) with time zone`, `int[]`
/// becomes `integer[]`. Quoted names stay as they are.
pub(crate) fn canonical(name: &str) -> String {
    let trimmed = name.trim();
    if let Some(element) = array_element(trimmed) {
        return format!("{}[]", canonical(element));
    }
    if trimmed.contains('"') {
        return trimmed.to_owned();
    }
    let lower = trimmed.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = lower.strip_prefix("pg_catalog.").unwrap_or(&lower);
    let (base, modifier) = modifier(lower);
    let base = ALIASES.iter().find(|(alias, _)| *alias == base).map_or(base.as_str(), |(_, name)| name);
    let (base, rest) = match base {
        "timestamp" | "timestamp without time zone" => ("timestamp", " without time zone"),
        "timestamp with time zone" => ("timestamp", " with time zone"),
        "time" | "time without time zone" => ("time", " without time zone"),
        "time with time zone" => ("time", " with time zone"),
        // Without a length, the SQL standard's default is one character or bit.
        "character" | "bit" if modifier.is_empty() => return format!("{base}(1)"),
        base => (base, ""),
    };
    let modifier = match (base, modifier.as_str()) {
        // The default scale of a numeric is 0, and it is printed.
        ("numeric", modifier) if !modifier.is_empty() && !modifier.contains(',') => {
            format!("{},0)", modifier.trim_end_matches(')'))
        }
        (_, modifier) => modifier.to_owned(),
    };
    format!("{base}{modifier}{rest}")
}

fn array_element(name: &str) -> Option<&str> {
    let inner = name.strip_suffix(']')?;
    let open = inner.rfind('[')?;
    let element = inner.get(..open)?.trim_end();
    // PostgreSQL ignores the declared number of dimensions of an array.
    Some(array_element(element).unwrap_or(element))
}

/// Splits `(12, 2)` from a type's name.
fn modifier(name: &str) -> (String, String) {
    match (name.find('('), name.find(')')) {
        (Some(open), Some(close)) if open < close => {
            let inner = name.get(open..=close).unwrap_or_default().replace(' ', "");
            let before = name.get(..open).unwrap_or_default().trim_end();
            let after = name.get(close + 1..).unwrap_or_default();
            (format!("{before}{after}"), inner)
        }
        _ => (name.to_owned(), String::new()),
    }
}

/// Whether a column's type, as the server prints it with qualified names, is the type that a fact names; the fact may
/// leave out the schema.
pub(crate) fn same(printed: &str, wanted: &str) -> bool {
    let bare = |name: &str| name.rsplit_once('.').map_or(name.to_owned(), |(_, bare)| bare.to_owned());
    let unquoted = |name: &str| name.replace('"', "");
    printed == wanted
        || unquoted(printed) == unquoted(wanted)
        || !wanted.contains('.') && unquoted(&bare(printed)) == unquoted(wanted)
}

#[cfg(test)]
mod tests {
    use super::canonical;

    #[test]
    fn a_type_has_one_spelling() {
        for (written, printed) in [
            ("INT", "integer"),
            ("int8[]", "bigint[]"),
            ("text[][]", "text[]"),
            ("integer[3]", "integer[]"),
            ("numeric(12, 2)", "numeric(12,2)"),
            ("numeric(5)", "numeric(5,0)"),
            ("varchar(20)", "character varying(20)"),
            ("character varying", "character varying"),
            ("char", "character(1)"),
            ("timestamptz", "timestamp with time zone"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("timestamp(3) with time zone", "timestamp(3) with time zone"),
            ("timestamp", "timestamp without time zone"),
            ("time(0)", "time(0) without time zone"),
            ("citext", "citext"),
            ("app.mood", "app.mood"),
            ("uuid", "uuid"),
            ("\"Mood\"", "\"Mood\""),
            ("double  precision", "double precision"),
        ] {
            assert_eq!(canonical(written), printed);
        }
    }
}
