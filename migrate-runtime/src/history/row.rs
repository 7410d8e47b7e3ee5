use embed_migrate_core::{Error, ErrorKind, Result};
use tokio_postgres::SimpleQueryRow;

pub(crate) fn text(row: &SimpleQueryRow, column: usize) -> Result<&str> {
    row.try_get(column).ok().flatten().ok_or_else(|| strange(row))
}

pub(crate) fn strange(row: &SimpleQueryRow) -> Error {
    let cells: Vec<_> = (0..row.len()).map(|column| row.get(column).unwrap_or("null")).collect();
    Error::new(ErrorKind::Unsupported, "a row of the history can't be understood")
        .note(cells.join(", "))
        .help("a newer release of migrate may have written it, or somebody changed it by hand")
}
