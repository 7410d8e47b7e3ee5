use migrate_core::facts::{Data, Row, Rows, TableName, Value};

/// Rows as a CSV file gives them: every cell is text, an empty one gives nothing.
pub fn cells(table: &str, fields: &[&str], rows: &[&[&str]]) -> Data {
    let cell = |cell: &&str| (!cell.is_empty()).then(|| Value::Text((*cell).to_owned()));
    data(table, fields, rows.iter().map(|row| row.iter().map(cell).collect()).collect())
}

/// Rows as YAML gives them.
pub fn values(table: &str, fields: &[&str], rows: Vec<Vec<Value>>) -> Data {
    data(table, fields, rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect())
}

pub fn data(table: &str, fields: &[&str], rows: Vec<Vec<Option<Value>>>) -> Data {
    let rows = rows.into_iter().zip(2..).map(|(values, line)| Row { line, values }).collect();
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    Data {
        of: TableName { schema: None, label: table.to_owned() },
        rows: Rows { file: "rows.csv".to_owned(), fields, rows },
        present: true,
    }
}

/// The same rows, which are not to be there.
pub fn absent(data: Data) -> Data {
    Data { present: false, ..data }
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn number(number: &str) -> Value {
    Value::Number(number.to_owned())
}
