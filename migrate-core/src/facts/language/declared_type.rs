use super::label;
use crate::error::Error;
use crate::facts::document::{Content, DocumentNode};
use crate::facts::values::Value;
use crate::text::quote::LONGEST;

/// The type of a column.
///
/// The words have the same meaning as in `rex.deploy`: `integer` is `bigint` and `json` is `jsonb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeclaredType {
    /// `boolean`
    Boolean,
    /// `integer`: `bigint`
    Integer,
    /// `integer-int4`: `integer`
    Int4,
    /// `decimal`: `numeric`
    Decimal,
    /// `float`: `double precision`
    Float,
    /// `text`
    Text,
    /// `date`
    Date,
    /// `time`: `time without time zone`
    Time,
    /// `datetime`: `timestamp without time zone`
    Datetime,
    /// `json`: `jsonb`
    Json,
    /// `json-json`: `json`
    JsonJson,
    /// A list of labels: an enum type for this column.
    Enum(Vec<String>),
    /// Any other PostgreSQL type, as written.
    Sql(String),
}

impl DeclaredType {
    pub(crate) fn read(node: &DocumentNode) -> Result<DeclaredType, Error> {
        if let Content::List(labels) = &node.content {
            if labels.is_empty() {
                return Err(node.error("an enum type needs labels").help("write `type: [draft, done]`"));
            }
            let labels = label::each(node, enum_label)?;
            return match labels
                .iter()
                .enumerate()
                .find(|(at, label)| labels.iter().take(*at).any(|other| other == *label))
            {
                Some((_, label)) => Err(node
                    .error(format!("the enum's label `{label}` is given twice"))
                    .help("name each label once")),
                None => Ok(DeclaredType::Enum(labels)),
            };
        }
        let text = node.text()?.trim();
        match text.is_empty() {
            true => Err(node
                .error("a type belongs here")
                .help("such as `text`, `numeric(12,2)` or a list of labels")),
            false => Ok(DeclaredType::of(text)),
        }
    }

    /// The type that a word means.
    pub(crate) fn of(text: &str) -> DeclaredType {
        match text {
            "boolean" => DeclaredType::Boolean,
            "integer" => DeclaredType::Integer,
            "integer-int4" => DeclaredType::Int4,
            "decimal" => DeclaredType::Decimal,
            "float" => DeclaredType::Float,
            "text" => DeclaredType::Text,
            "date" => DeclaredType::Date,
            "time" => DeclaredType::Time,
            "datetime" => DeclaredType::Datetime,
            "json" => DeclaredType::Json,
            "json-json" => DeclaredType::JsonJson,
            _ => DeclaredType::Sql(text.to_owned()),
        }
    }

    /// Its word or value in facts.
    pub(crate) fn words(&self) -> Value {
        let word = match self {
            DeclaredType::Boolean => "boolean",
            DeclaredType::Integer => "integer",
            DeclaredType::Int4 => "integer-int4",
            DeclaredType::Decimal => "decimal",
            DeclaredType::Float => "float",
            DeclaredType::Text => "text",
            DeclaredType::Date => "date",
            DeclaredType::Time => "time",
            DeclaredType::Datetime => "datetime",
            DeclaredType::Json => "json",
            DeclaredType::JsonJson => "json-json",
            DeclaredType::Sql(text) => text,
            DeclaredType::Enum(labels) => return Value::List(labels.iter().map(Value::from).collect()),
        };
        word.into()
    }

    /// Whether its values are dates.
    pub(crate) fn is_date(&self) -> bool {
        matches!(self, DeclaredType::Date)
            || matches!(self, DeclaredType::Sql(text) if text.eq_ignore_ascii_case("date"))
    }

    /// Whether its values are times, with or without a date.
    pub(crate) fn is_time(&self) -> bool {
        let sql = |text: &str| text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("time"));
        matches!(self, DeclaredType::Time | DeclaredType::Datetime)
            || matches!(self, DeclaredType::Sql(text) if sql(text))
    }
}

fn enum_label(node: &DocumentNode) -> Result<String, Error> {
    let text = node.text()?;
    match text.is_empty() || text.len() > LONGEST || text.contains(char::is_control) {
        true => Err(node
            .error(format!("`{text}` is not a label of an enum type"))
            .help("a label is 1 to 63 bytes")),
        false => Ok(text.to_owned()),
    }
}
