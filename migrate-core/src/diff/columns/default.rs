//! Column defaults: their SQL, and whether a default that the server printed is the same.

use crate::diff::definitions::probe;
use crate::diff::planner::Planner;
use crate::diff::question::{Answer, Interruption, Question};
use crate::error::ErrorKind;
use crate::facts::{ColumnDefault, DeclaredType, Value, sql_type};
use crate::text::quote;

impl Planner {
    /// The expression of a column's default.
    pub(crate) fn default_sql(
        &self,
        kind: &DeclaredType,
        enum_type: &str,
        default: &ColumnDefault,
    ) -> Result<String, Interruption> {
        let value = match default {
            ColumnDefault::Sql(sql) => return Ok(sql.clone()),
            ColumnDefault::Today => return Ok("CURRENT_DATE".into()),
            ColumnDefault::Now if matches!(kind, DeclaredType::Datetime) => {
                return Ok("LOCALTIMESTAMP".into());
            }
            ColumnDefault::Now if matches!(kind, DeclaredType::Time) => return Ok("LOCALTIME".into()),
            ColumnDefault::Now => return Ok("pg_catalog.now()".into()),
            ColumnDefault::Value(value) => value,
        };
        let refuse = |wanted: &str| {
            let word = sql_type::word(kind);
            self.problem(
                ErrorKind::Format,
                format!("the default of a column of type `{word}` must be {wanted}"),
            )
            .into()
        };
        match (kind, value) {
            (_, Value::Null) => Ok("NULL".into()),
            (DeclaredType::Boolean, value) => match plain(value) {
                Some(truth) if ["true", "false"].contains(&&*truth) => Ok(truth),
                _ => Err(refuse("`true` or `false`")),
            },
            (DeclaredType::Integer | DeclaredType::Int4, value) => match whole(value) {
                Some(number) => Ok(number.to_string()),
                None => Err(refuse("a whole number")),
            },
            (DeclaredType::Decimal | DeclaredType::Float, value) => match plain(value) {
                Some(number) if number.parse::<f64>().is_ok_and(f64::is_finite) => Ok(number),
                // NaN and infinity are written as texts: SQL has no literals for them.
                Some(number) if number.parse::<f64>().is_ok() => Ok(quote::literal(&number)),
                _ => Err(refuse("a number")),
            },
            (DeclaredType::Text, Value::Text(text)) => Ok(quote::literal(text)),
            (DeclaredType::Text, _) => Err(refuse("a text: put it between quotes")),
            (DeclaredType::Enum(labels), Value::Text(text) | Value::Number(text))
                if labels.contains(text) =>
            {
                Ok(format!("{}::{enum_type}", quote::literal(text)))
            }
            (DeclaredType::Enum(_), _) => Err(refuse("one of its labels")),
            (DeclaredType::Json | DeclaredType::JsonJson, value) => {
                let json = match value {
                    Value::Text(text) => text.clone(),
                    value => value.json(),
                };
                Ok(quote::literal(&json))
            }
            (DeclaredType::Date | DeclaredType::Time | DeclaredType::Datetime, Value::Text(text)) => {
                Ok(quote::literal(text))
            }
            (DeclaredType::Date | DeclaredType::Time | DeclaredType::Datetime, _) => {
                Err(refuse("a date or time in ISO form"))
            }
            (DeclaredType::Sql(name), Value::Bool(truth)) => Ok(format!("'{truth}'::{name}")),
            (DeclaredType::Sql(name), Value::Number(text) | Value::Text(text)) => {
                Ok(format!("{}::{name}", quote::literal(text)))
            }
            (DeclaredType::Sql(name), value) => Ok(format!("{}::{name}", quote::literal(&value.json()))),
        }
    }

    /// Whether a default that the server printed is the wanted expression.
    pub(crate) fn same_default(
        &self,
        kind: &DeclaredType,
        type_sql: &str,
        printed: Option<&str>,
        wanted: Option<&str>,
        default: Option<&ColumnDefault>,
    ) -> Result<bool, Interruption> {
        let (Some(printed), Some(wanted)) = (printed, wanted) else {
            return Ok(printed.is_none() && wanted.is_none_or(|wanted| wanted == "NULL"));
        };
        if alike(kind, printed, wanted, default) {
            return Ok(true);
        }
        if matches!(default, Some(ColumnDefault::Value(_)))
            && !matches!(
                kind,
                DeclaredType::Sql(_)
                    | DeclaredType::Float
                    | DeclaredType::Decimal
                    | DeclaredType::Json
                    | DeclaredType::JsonJson
                    | DeclaredType::Date
                    | DeclaredType::Time
                    | DeclaredType::Datetime
            )
        {
            return Ok(false);
        }
        // An expression is compared as the server prints it.
        let probe = probe(&self.schema);
        let setup = vec![format!("CREATE TABLE {probe} (c {type_sql} DEFAULT {wanted}\n)")];
        let query = format!(
            "SELECT pg_catalog.pg_get_expr(adbin, adrelid) FROM pg_catalog.pg_attrdef \
             WHERE adrelid = {}::pg_catalog.regclass",
            quote::literal(&probe)
        );
        match self.ask(Question::Printed { setup, query })? {
            Answer::Value(Some(canonical)) => Ok(*canonical == printed),
            Answer::Value(None) => Ok(false),
            Answer::Refused(reason) => Err(self
                .problem(ErrorKind::Sql, format!("the default `{wanted}` is refused by the server: {reason}"))
                .into()),
            Answer::Unknown => Ok(false),
        }
    }
}

/// Whether two expressions are equal, without asking the server.
fn alike(kind: &DeclaredType, printed: &str, wanted: &str, default: Option<&ColumnDefault>) -> bool {
    let squeezed = |sql: &str| sql.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let typed = sql_type::printed(kind).map(|kind| format!("{wanted}::{kind}"));
    if [Some(wanted), typed.as_deref()].into_iter().flatten().any(|sql| squeezed(printed) == squeezed(sql)) {
        return true;
    }
    // The forms in which rex.deploy writes these two, and in which the server prints them.
    let now = [
        "('now'::text)::",
        "'now'::text::",
        "current_date",
        "current_timestamp",
        "localtimestamp",
        "localtime",
        "now()",
    ];
    match default {
        Some(ColumnDefault::Today | ColumnDefault::Now) => {
            now.iter().any(|form| squeezed(printed).starts_with(form))
        }
        Some(ColumnDefault::Value(value)) => constant(printed).is_some_and(|text| equal(kind, &text, value)),
        Some(ColumnDefault::Sql(_)) | None => false,
    }
}

/// The text of a constant that the server printed: `'1'::bigint`, `'-1'::integer`, `42`, `true`.
fn constant(printed: &str) -> Option<String> {
    let text = printed.trim_start_matches('(');
    match text.strip_prefix('\'').or_else(|| text.strip_prefix("E'")) {
        None => Some(text.split("::").next()?.trim_end_matches(')').trim().to_owned()),
        Some(rest) => {
            let mut out = String::new();
            let mut characters = rest.chars().peekable();
            let escapes = text.starts_with('E');
            while let Some(c) = characters.next() {
                match c {
                    '\'' if characters.peek() == Some(&'\'') => out.extend(characters.next()),
                    '\'' => return Some(out),
                    '\\' if escapes => out.extend(characters.next()),
                    c => out.push(c),
                }
            }
            None
        }
    }
}

/// The text of a single value, quoted or not.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(text) | Value::Text(text) => Some(text.trim().to_owned()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

fn whole(value: &Value) -> Option<i64> {
    plain(value)?.parse().ok()
}

fn equal(kind: &DeclaredType, text: &str, value: &Value) -> bool {
    match (kind, value) {
        (DeclaredType::Boolean, value) => plain(value).as_deref() == Some(text),
        (DeclaredType::Integer | DeclaredType::Int4, value) => {
            whole(value).is_some_and(|number| text == number.to_string())
        }
        (DeclaredType::Json | DeclaredType::JsonJson, Value::Text(json)) => text == json,
        (DeclaredType::Json | DeclaredType::JsonJson, value) => text == value.json(),
        (_, Value::Number(number)) => text == number,
        (_, Value::Text(wanted)) => text == wanted,
        _ => false,
    }
}
