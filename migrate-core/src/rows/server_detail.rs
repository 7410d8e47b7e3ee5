use super::row_batch::RowBatch;
use crate::rows::columns::{ColumnCell, DataColumn, form};
use crate::rows::values::ValueKind;

impl RowBatch<'_> {
    /// The row that the detail of a server error names, in any language: `Key (code)=(x) already exists.` or `Failing
    /// row contains (1, x, null).`
    pub fn row_of_detail(&self, detail: &str, rows: &[u32]) -> Option<u32> {
        let named = self.named_values(detail)?;
        let given: Vec<(&DataColumn, &str)> = named
            .iter()
            .filter_map(|(name, value)| {
                Some((self.columns.iter().find(|column| column.name == *name)?, *value))
            })
            .collect();
        rows.iter().copied().find(|row| {
            let mut fits = given.iter().filter_map(|(column, value)| fits(column, *row, value)).peekable();
            fits.peek().is_some() && fits.all(|fits| fits)
        })
    }

    /// The values in a detail, each with its column's name.
    fn named_values<'t>(&'t self, detail: &'t str) -> Option<Vec<(&'t str, &'t str)>> {
        let end = detail.rfind(')')?;
        if let Some((before, _)) = detail.split_once(")=(") {
            let names = before.get(before.rfind('(')? + 1..)?;
            return zipped(names.split(", "), detail.get(before.len() + 3..end)?);
        }
        let values = detail.get(detail.find('(')? + 1..end)?;
        zipped(self.table.columns.values().map(|column| column.name.as_str()), values)
    }
}

/// `None` if a value contains a comma, because the start of the next value is then ambiguous.
fn zipped<'t>(names: impl Iterator<Item = &'t str>, values: &'t str) -> Option<Vec<(&'t str, &'t str)>> {
    let names: Vec<&str> = names.map(|name| name.trim_matches('"')).collect();
    let values: Vec<&str> = match names.len() {
        1 => vec![values],
        _ => values.split(", ").collect(),
    };
    (names.len() == values.len()).then(|| names.into_iter().zip(values).collect())
}

/// Whether a row has this value, if that is clear from what the server prints.
fn fits(column: &DataColumn, row: u32, value: &str) -> Option<bool> {
    let text = match column.cell(row) {
        ColumnCell::Absent => return None,
        ColumnCell::Null => return Some(value == "null"),
        ColumnCell::Text(text) => text,
    };
    let kind = &column.kind.kind;
    match kind {
        ValueKind::Boolean => Some(text.get(..1) == value.get(..1)),
        ValueKind::Integer(_) | ValueKind::Decimal(_) | ValueKind::Float { .. } => {
            Some(form(kind, text) == form(kind, value))
        }
        ValueKind::Text(_) | ValueKind::Enum(_) => Some(is_shown(text, value)),
        // The server may print the value in another form.
        _ => is_shown(text, value).then_some(true),
    }
}

/// Whether a value is this text; the server truncates long values.
fn is_shown(text: &str, value: &str) -> bool {
    text == value
        || value.strip_suffix("...").is_some_and(|begin| !begin.is_empty() && text.starts_with(begin))
}
