use crate::rows::values::ValueKind;

/// The type in which the values of a column are sent.
///
/// A number needs fewer bytes in binary form, and the server need not parse it: for a table of numbers, dates and links
/// a comparison takes two thirds of the time that it takes with texts only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireType {
    /// As text, which the statement casts.
    Text,
    /// `smallint`
    Int2,
    /// `integer`
    Int4,
    /// `bigint`
    Int8,
    /// `boolean`
    Bool,
    /// `date`, as the days since 2000-01-01.
    Date,
}

impl WireType {
    pub(crate) fn of(kind: &ValueKind) -> WireType {
        match kind {
            ValueKind::Integer(16) => WireType::Int2,
            ValueKind::Integer(32) => WireType::Int4,
            ValueKind::Integer(_) => WireType::Int8,
            ValueKind::Boolean => WireType::Bool,
            ValueKind::Date => WireType::Date,
            _ => WireType::Text,
        }
    }

    /// An array of it, in SQL.
    pub(crate) fn array(self) -> &'static str {
        match self {
            WireType::Text => "pg_catalog.text[]",
            WireType::Int2 => "smallint[]",
            WireType::Int4 => "integer[]",
            WireType::Int8 => "bigint[]",
            WireType::Bool => "boolean[]",
            WireType::Date => "pg_catalog.date[]",
        }
    }
}
