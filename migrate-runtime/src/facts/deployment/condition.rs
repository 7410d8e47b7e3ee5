use std::error::Error;

use tokio_postgres::types::{FromSql, Kind, Type};
use tokio_postgres::{Client, SimpleQueryMessage};

/// Whether any value of a query's result is true: a boolean that is, a number that isn't zero, a text that isn't empty,
/// anything else that isn't NULL.
pub(crate) async fn holds(client: &Client, sql: &str) -> Result<bool, tokio_postgres::Error> {
    let sql = sql.trim().trim_end_matches(';');
    if sql.contains(';') {
        // Several statements go as text only, which is less sure: the last result is what counts.
        return Ok(text_holds(&client.simple_query(sql).await?));
    }
    let rows = client.query_typed(sql, &[]).await?;
    for row in &rows {
        for column in 0..row.len() {
            if row.try_get::<_, Option<TruthValue>>(column)?.is_some_and(|truth| truth.0) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn text_holds(messages: &[SimpleQueryMessage]) -> bool {
    let last = messages.iter().rposition(|message| matches!(message, SimpleQueryMessage::RowDescription(_)));
    let rows = messages.iter().skip(last.unwrap_or(0)).filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.flat_map(|row| (0..row.len()).filter_map(|column| row.get(column)))
        .any(|value| !["", "f", "0"].contains(&value))
}

struct TruthValue(bool);

impl<'a> FromSql<'a> for TruthValue {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<TruthValue, Box<dyn Error + Sync + Send>> {
        let kind = match kind.kind() {
            Kind::Domain(base) => base,
            _ => kind,
        };
        let truth = match *kind {
            // A negative zero is zero.
            Type::FLOAT4 | Type::FLOAT8 => {
                raw.iter().enumerate().any(|(at, byte)| if at == 0 { byte & 0x7f != 0 } else { *byte != 0 })
            }
            // The number of digits comes first.
            Type::NUMERIC => raw.iter().take(2).any(|byte| *byte != 0),
            Type::BOOL | Type::INT2 | Type::INT4 | Type::INT8 | Type::OID => {
                raw.iter().any(|byte| *byte != 0)
            }
            Type::TEXT | Type::VARCHAR | Type::NAME | Type::BPCHAR | Type::UNKNOWN => !raw.is_empty(),
            _ => true,
        };
        Ok(TruthValue(truth))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
