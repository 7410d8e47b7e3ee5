use crate::rows::columns::ColumnCell;
use crate::rows::row_batch::RowBatch;
use crate::text::quote::identifier;

/// The COPY statement of some columns, in PostgreSQL's text format.
pub fn copy(batch: &RowBatch<'_>, columns: &[usize]) -> String {
    let names = columns.iter().filter_map(|at| batch.columns.get(*at)).map(|column| identifier(&column.name));
    let names = names.collect::<Vec<_>>().join(", ");
    format!("COPY {} ({names}) FROM STDIN", batch.table.name.quoted())
}

/// Appends a row as COPY reads it.
pub fn copy_row(batch: &RowBatch<'_>, row: u32, columns: &[usize], out: &mut Vec<u8>) {
    for (index, at) in columns.iter().enumerate() {
        if index > 0 {
            out.push(b'\t');
        }
        match batch.columns.get(*at).map(|column| column.cell(row)) {
            Some(ColumnCell::Text(text)) => escape(text.as_bytes(), out),
            None | Some(ColumnCell::Absent | ColumnCell::Null) => out.extend_from_slice(b"\\N"),
        }
    }
    out.push(b'\n');
}

/// A text as COPY's text format writes it.
fn escape(mut text: &[u8], out: &mut Vec<u8>) {
    while let Some(at) = text.iter().position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r')) {
        let (plain, rest) = text.split_at(at);
        out.extend_from_slice(plain);
        out.extend_from_slice(match rest.first() {
            Some(b'\t') => b"\\t",
            Some(b'\n') => b"\\n",
            Some(b'\r') => b"\\r",
            _ => b"\\\\",
        });
        text = rest.get(1..).unwrap_or_default();
    }
    out.extend_from_slice(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_copy_would_read_as_something_else_is_escaped() {
        let escaped = |text: &str| {
            let mut out = Vec::new();
            escape(text.as_bytes(), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(escaped("\\."), "\\\\.");
        assert_eq!(escaped("\\N"), "\\\\N");
        assert_eq!(escaped("a\tb\r\nc"), "a\\tb\\r\\nc");
        assert_eq!(escaped("größe"), "größe");
        assert_eq!(escaped(""), "");
    }
}
