use embed_migrate_core::rows::RowBatch;
use embed_migrate_core::{Error, ErrorKind};
use tokio_postgres::error::{DbError, SqlState};

use crate::query::failure;

/// An error of a statement over these rows: which of them the server means, if that can be known.
pub(crate) fn blame(batch: &RowBatch<'_>, rows: &[u32], doing: &str, error: tokio_postgres::Error) -> Error {
    let Some(db) = error.as_db_error() else { return failure::lost(error) };
    let table = &batch.table.name.name;
    let failed = format!("{doing} `{table}` failed: {}", db.message());
    let mut described = failure::noted(failure::kind(db.code()), failed, db);
    let by_detail = || batch.row_of_detail(db.detail()?, rows);
    if let Some(row) = copied(batch, rows, db).or_else(by_detail).or_else(|| batch.quoted(db.message(), rows))
    {
        described = described.at(batch.place(row));
    }
    match help(db) {
        Some(help) => described.help(help).caused_by(error),
        None => described.caused_by(error),
    }
}

/// COPY says which line it was at: `COPY study, line 3, column code: "x"`, in the server's language.
fn copied(batch: &RowBatch<'_>, rows: &[u32], db: &DbError) -> Option<u32> {
    let context = db.where_()?.lines().find_map(|line| line.strip_prefix("COPY "))?;
    let rest = context.strip_prefix(batch.table.name.name.as_str())?;
    let digits = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
    let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
    rows.get(digits.parse::<usize>().ok()?.checked_sub(1)?).copied()
}

fn help(db: &DbError) -> Option<&'static str> {
    let code = db.code();
    if let Some(help) = failure::limit(db) {
        Some(help)
    } else if *code == SqlState::UNIQUE_VIOLATION {
        Some(
            "another row has this value already: either the data does not have that row, or gives it another identity",
        )
    } else if *code == SqlState::READ_ONLY_SQL_TRANSACTION {
        Some("a standby or read-only session can verify facts, not deploy them")
    } else {
        None
    }
}

/// A failure that is no answer of the server's.
pub(crate) fn unexpected(what: impl Into<String>) -> Error {
    Error::new(ErrorKind::Sql, what)
}
