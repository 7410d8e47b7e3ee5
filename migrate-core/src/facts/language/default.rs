use super::declared_type::DeclaredType;
use crate::error::Error;
use crate::facts::document::{Content, DocumentNode};
use crate::facts::values::Value;

/// A column's default.
#[derive(Debug, Clone, PartialEq)]
pub enum ColumnDefault {
    /// A value of the column's type.
    Value(Value),
    /// `today()`: the date of the transaction.
    Today,
    /// `now()`: the time of the transaction.
    Now,
    /// `{sql: EXPR}`: any expression.
    Sql(String),
}

impl ColumnDefault {
    /// Reads the default of a column of that type; if the type can't be read, any default is accepted.
    pub(crate) fn read(node: &DocumentNode, kind: Option<&DeclaredType>) -> Result<ColumnDefault, Error> {
        if let Content::Map(entries) = &node.content
            && let [entry] = &**entries
            && *entry.key == *"sql"
        {
            let sql = entry.value.text()?;
            return match sql.trim().is_empty() {
                true => Err(entry
                    .value
                    .error("the expression is empty")
                    .help("write one, such as `{sql: gen_random_uuid()}`")),
                false => Ok(ColumnDefault::Sql(sql.to_owned())),
            };
        }
        let Some(kind) = kind else { return Ok(ColumnDefault::Value(node.value()?)) };
        match (node.value()?, kind.is_date(), kind.is_time()) {
            (Value::Text(text), true, _) if text == "today()" => Ok(ColumnDefault::Today),
            (Value::Text(text), _, true) if text == "now()" => Ok(ColumnDefault::Now),
            (Value::Text(text), true, _) if text == "now()" => Err(node
                .error("`now()` is a time, and the column's type is a date")
                .help("write `default: today()`")),
            (Value::Text(text), _, true) if text == "today()" => Err(node
                .error("`today()` is a date, and the column's type is a time")
                .help("write `default: now()`, or `default: {sql: current_date}` for midnight")),
            (value, ..) => match mismatch(kind, &value) {
                Some(wanted) => Err(node
                    .error(format!("the default is {}, and the column's type wants {wanted}", node.what()))
                    .help(match (kind, value) {
                        (DeclaredType::Text, Value::Number(_) | Value::Bool(_)) => "put quotes around it",
                        _ => "write a value of the type, or `{sql: EXPRESSION}`",
                    })),
                None => Ok(ColumnDefault::Value(value)),
            },
        }
    }

    /// Its word or value in facts.
    pub(crate) fn words(&self) -> Value {
        match self {
            ColumnDefault::Value(value) => value.clone(),
            ColumnDefault::Today => "today()".into(),
            ColumnDefault::Now => "now()".into(),
            ColumnDefault::Sql(sql) => Value::Map(vec![("sql".to_owned(), sql.into())]),
        }
    }
}

/// What the type requires, if the value does not fit. PostgreSQL's own types and dates are left to the server.
fn mismatch(kind: &DeclaredType, value: &Value) -> Option<String> {
    let scalar = !matches!(value, Value::Null | Value::List(_) | Value::Map(_));
    let text = |fits: fn(&str) -> bool| matches!(value, Value::Text(text) | Value::Number(text) if fits(text.trim()));
    let (fits, wanted) = match kind {
        DeclaredType::Boolean => (
            matches!(value, Value::Bool(_)) || text(|text| ["true", "false"].contains(&text)),
            "`true` or `false`",
        ),
        DeclaredType::Integer => {
            (text(|text| text.parse::<i64>().is_ok()), "a whole number of at most 64 bits")
        }
        DeclaredType::Int4 => (text(|text| text.parse::<i32>().is_ok()), "a whole number of at most 32 bits"),
        DeclaredType::Decimal | DeclaredType::Float => (text(|text| text.parse::<f64>().is_ok()), "a number"),
        DeclaredType::Text => (matches!(value, Value::Text(_)), "a text"),
        DeclaredType::Date | DeclaredType::Time | DeclaredType::Datetime => {
            (matches!(value, Value::Text(_)), "a text")
        }
        DeclaredType::Json | DeclaredType::JsonJson => (true, ""),
        DeclaredType::Enum(labels) => {
            let label = |text: &String| labels.contains(text);
            (matches!(value, Value::Text(text) | Value::Number(text) if label(text)), "one of its labels")
        }
        DeclaredType::Sql(_) => (scalar, "a single value"),
    };
    (!fits).then(|| wanted.to_owned())
}
