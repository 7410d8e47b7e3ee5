use super::node::{Content, Node};
use super::{Value, label};
use crate::Error;
use crate::quote::LONGEST;

/// The type of a column.
///
/// The bare words mean what they mean in `rex.deploy`: `integer` is `bigint` and `json` is `jsonb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
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
    /// A list of labels: an enum type of the column's own.
    Enum(Vec<String>),
    /// Any other PostgreSQL type, as written.
    Sql(String),
}

impl Type {
    pub(super) fn read(node: &Node) -> Result<Type, Error> {
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
                    .error(format!("the enum's label `{label}` stands twice"))
                    .help("name each label once")),
                None => Ok(Type::Enum(labels)),
            };
        }
        let text = node.text()?.trim();
        match text.is_empty() {
            true => Err(node
                .error("a type belongs here")
                .help("such as `text`, `numeric(12,2)` or a list of labels")),
            false => Ok(Type::of(text)),
        }
    }

    /// The type that a word means.
    fn of(text: &str) -> Type {
        match text {
            "boolean" => Type::Boolean,
            "integer" => Type::Integer,
            "integer-int4" => Type::Int4,
            "decimal" => Type::Decimal,
            "float" => Type::Float,
            "text" => Type::Text,
            "date" => Type::Date,
            "time" => Type::Time,
            "datetime" => Type::Datetime,
            "json" => Type::Json,
            "json-json" => Type::JsonJson,
            _ => Type::Sql(text.to_owned()),
        }
    }

    /// What facts call it.
    pub(super) fn words(&self) -> Value {
        let word = match self {
            Type::Boolean => "boolean",
            Type::Integer => "integer",
            Type::Int4 => "integer-int4",
            Type::Decimal => "decimal",
            Type::Float => "float",
            Type::Text => "text",
            Type::Date => "date",
            Type::Time => "time",
            Type::Datetime => "datetime",
            Type::Json => "json",
            Type::JsonJson => "json-json",
            Type::Sql(text) => text,
            Type::Enum(labels) => return Value::List(labels.iter().map(Value::from).collect()),
        };
        word.into()
    }

    /// Whether its values are dates.
    pub(super) fn is_date(&self) -> bool {
        matches!(self, Type::Date) || matches!(self, Type::Sql(text) if text.eq_ignore_ascii_case("date"))
    }

    /// Whether its values are times, with or without a date.
    pub(super) fn is_time(&self) -> bool {
        let sql = |text: &str| text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("time"));
        matches!(self, Type::Time | Type::Datetime) || matches!(self, Type::Sql(text) if sql(text))
    }
}

fn enum_label(node: &Node) -> Result<String, Error> {
    let text = node.text()?;
    match text.is_empty() || text.len() > LONGEST || text.contains(char::is_control) {
        true => {
            Err(node.error(format!("`{text}` is no label of an enum type")).help("a label is 1 to 63 bytes"))
        }
        false => Ok(text.to_owned()),
    }
}
