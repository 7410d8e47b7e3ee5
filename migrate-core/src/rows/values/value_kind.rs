use super::type_name::TypeName;
use crate::catalog::{Catalog, Column, QualifiedName, TypeKind};

/// The values that a column accepts, and how they are written and compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnType {
    /// The kind of values that it accepts.
    pub(crate) kind: ValueKind,
    /// The type without modifiers, as a cast writes it.
    pub(crate) cast: String,
    /// How two values are compared.
    pub(crate) equal: Equality,
    /// The schema of its `=`.
    pub(crate) operators: String,
    /// Whether a value that passes our checks is stored exactly as it is given.
    pub(crate) exact: bool,
}

/// The kind of values that a column accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueKind {
    Boolean,
    /// Of so many bits.
    Integer(u32),
    /// Of so many digits, and so many of them after the point.
    Decimal(Option<(i64, i64)>),
    /// Of single precision, or double.
    Float {
        single: bool,
    },
    /// Of so many characters.
    Text(Option<usize>),
    Date,
    /// With so many digits after the seconds.
    Time(u32),
    Timestamp(u32),
    Timestamptz(u32),
    Json,
    /// One of these labels.
    Enum(Vec<String>),
    Uuid,
    Array(Box<ValueKind>),
    /// Any other type: the server checks the values.
    Other,
}

/// How two values of a column are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Equality {
    /// With the type's own `=`.
    Native,
    /// As text, byte by byte.
    Bytes,
    /// As `jsonb`, for `json` has no `=`.
    Jsonb,
}

/// How deep domains over domains are followed.
const DEEPEST: usize = 32;

impl ColumnType {
    /// Whether it is text, or a domain over text, so that its values are compared unchanged.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.kind, ValueKind::Text(_))
    }

    pub(crate) fn of(catalog: &Catalog, column: &Column) -> ColumnType {
        ColumnType::named(catalog, &column.kind, 0)
    }

    fn named(catalog: &Catalog, printed: &str, depth: usize) -> ColumnType {
        let name = TypeName::parse(printed);
        let own = name.schema().and_then(|(schema, name)| {
            let name = QualifiedName { schema, name };
            catalog.types.values().find(|known| known.name == name)
        });
        let cast = name.cast();
        let operators = || "pg_catalog".to_owned();
        let native = |kind: ValueKind| ColumnType {
            kind,
            cast: cast.clone(),
            equal: Equality::Native,
            operators: operators(),
            exact: true,
        };
        let bytes = |kind: ValueKind| ColumnType { equal: Equality::Bytes, exact: false, ..native(kind) };
        match own.map(|own| &own.kind) {
            Some(TypeKind::Enum(labels)) if !name.array => return native(ValueKind::Enum(labels.clone())),
            Some(TypeKind::Domain { base, .. }) if depth < DEEPEST && !name.array => {
                return ColumnType::named(catalog, base, depth + 1);
            }
            Some(_) => {
                return bytes(if name.array {
                    ValueKind::Array(Box::new(ValueKind::Other))
                } else {
                    ValueKind::Other
                });
            }
            None => {}
        }
        if name.array {
            let element = TypeName { array: false, ..name.clone() };
            return bytes(ValueKind::Array(Box::new(built_in(&element).unwrap_or(ValueKind::Other))));
        }
        match built_in(&name) {
            // Only the `=` of `char(n)` ignores trailing blanks.
            Some(kind @ ValueKind::Text(_)) if cast != "pg_catalog.bpchar" => {
                ColumnType { equal: Equality::Bytes, ..native(kind) }
            }
            Some(ValueKind::Json) if name.base == "json" => {
                ColumnType { equal: Equality::Jsonb, ..native(ValueKind::Json) }
            }
            Some(kind) => native(kind),
            // The operators of an extension's type are in the type's schema.
            None => match name.schema() {
                Some((schema, name)) if name == "citext" => {
                    ColumnType { operators: schema, ..bytes(ValueKind::Text(None)) }
                }
                Some((schema, _)) => ColumnType { operators: schema, ..bytes(ValueKind::Other) },
                None => bytes(ValueKind::Other),
            },
        }
    }
}

/// The kind of a built-in type.
fn built_in(name: &TypeName) -> Option<ValueKind> {
    let modifier = |at: usize| name.modifiers.get(at).copied();
    let digits = modifier(0).and_then(|digits| u32::try_from(digits).ok()).unwrap_or(6);
    let length = modifier(0).and_then(|length| usize::try_from(length).ok());
    Some(match name.base.as_str() {
        "boolean" => ValueKind::Boolean,
        "smallint" => ValueKind::Integer(16),
        "integer" => ValueKind::Integer(32),
        "bigint" => ValueKind::Integer(64),
        "numeric" => ValueKind::Decimal(
            modifier(0).map(|precision| (i64::from(precision), i64::from(modifier(1).unwrap_or(0)))),
        ),
        "real" => ValueKind::Float { single: true },
        "double precision" => ValueKind::Float { single: false },
        "text" => ValueKind::Text(None),
        "character varying" | "character" | "bpchar" => ValueKind::Text(length),
        "date" => ValueKind::Date,
        "time without time zone" => ValueKind::Time(digits),
        "timestamp without time zone" => ValueKind::Timestamp(digits),
        "timestamp with time zone" => ValueKind::Timestamptz(digits),
        "json" | "jsonb" => ValueKind::Json,
        "uuid" => ValueKind::Uuid,
        _ => return None,
    })
}
