use embed_migrate_core::facts::{Claim, DataFact, DataRows, TableName, Value, parse};

/// Rows of CSV, as a fact of that table gives them.
pub fn csv(table: &str, text: &str) -> DataFact {
    let rows = DataRows::csv("rows.csv", text).unwrap();
    DataFact { of: name(table), rows, present: true }
}

/// Rows as a CSV file gives them: every cell is text, an empty one gives nothing.
pub fn cells(table: &str, fields: &[&str], rows: &[&[&str]]) -> DataFact {
    let line = |cells: &[&str]| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\n";
    csv(table, &(line(fields) + &rows.iter().map(|row| line(row)).collect::<String>()))
}

fn quoted(cell: &str) -> String {
    match cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.to_owned(),
    }
}

/// The same as values, for fields that no file may name.
pub fn texts(table: &str, fields: &[&str], rows: &[&[&str]]) -> DataFact {
    let cell = |cell: &&str| (!cell.is_empty()).then(|| text(cell));
    data(table, fields, rows.iter().map(|row| row.iter().map(cell).collect()).collect())
}

/// Rows of values.
pub fn values(table: &str, fields: &[&str], rows: Vec<Vec<Value>>) -> DataFact {
    data(table, fields, rows.into_iter().map(|row| row.into_iter().map(Some).collect()).collect())
}

pub fn data(table: &str, fields: &[&str], rows: Vec<Vec<Option<Value>>>) -> DataFact {
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    DataFact { of: name(table), rows: DataRows::list(fields, rows).unwrap(), present: true }
}

/// The data fact in a YAML text.
pub fn yaml(text: &str) -> DataFact {
    let facts = parse("deploy.yaml", text).unwrap();
    match facts.into_iter().next().unwrap().claim {
        Claim::Data(data) => data,
        other => panic!("no data fact: {other:?}"),
    }
}

/// The same rows, which are not to be there.
pub fn absent(data: DataFact) -> DataFact {
    DataFact { present: false, ..data }
}

pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

pub fn number(number: &str) -> Value {
    Value::Number(number.to_owned())
}

fn name(table: &str) -> TableName {
    TableName { schema: None, label: table.to_owned() }
}
