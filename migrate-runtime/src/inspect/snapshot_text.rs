//! A catalog as the history keeps it: the rows of an inspection, as the server wrote them and will be asked for them.
//!
//! The server gathers them by itself, in the transaction that it keeps them in, so that they never travel; the readers
//! that read an answer read them again.

use embed_migrate_core::catalog::Catalog;
use embed_migrate_core::{Checksum, Error, ErrorKind, Result};

use super::catalog_builder::CatalogBuilder;
use super::catalog_queries::{CatalogQuery, KINDS};
use super::row_cells::{RowCells, RowSource};
use super::scope::Scope;
use super::script::ours_set;
use super::template::{expand, plainly};

/// What to run before [`contents`], in the same transaction, which keeps these settings to its end.
pub(crate) fn settings() -> String {
    ours_set()
}

/// An expression: all rows of an inspection as one text. A row is written as PostgreSQL writes a composite value, its
/// cells as they are in an answer; a line's end stands after the last row of each kind.
pub(crate) fn contents(scope: &Scope<'_>) -> String {
    let kind = |kind: &CatalogQuery| {
        let sql = expand(kind.sql, scope, &plainly);
        format!("(SELECT pg_catalog.concat(pg_catalog.string_agg(r::pg_catalog.text, '')) FROM ({sql}) AS r)")
    };
    let kinds: Vec<String> = KINDS.iter().map(kind).collect();
    // `concat` makes an empty text of the null that no rows give, which `concat_ws` would pass over.
    format!("pg_catalog.concat_ws(pg_catalog.chr(10), {})", kinds.join(",\n"))
}

/// What the columns of the rows mean: another release may ask otherwise, and can't read them then.
pub(crate) fn format() -> String {
    let queries: Vec<&str> = KINDS.iter().map(|kind| kind.sql).collect();
    Checksum::of(queries.join(";")).to_string()
}

/// Reads what [`contents`] gave.
///
/// # Errors
///
/// `Unsupported`: it is something else.
pub(crate) fn read(contents: &str) -> Result<Catalog> {
    let mut builder = CatalogBuilder::default();
    let mut rest = contents;
    for (place, kind) in KINDS.iter().enumerate() {
        if place > 0 {
            rest = rest.strip_prefix('\n').ok_or_else(strange)?;
        }
        while rest.starts_with('(') {
            let (cells, after) = record(rest).ok_or_else(strange)?;
            (kind.read)(&RowCells(RowSource::CatalogSnapshot(&cells)), &mut builder)?;
            rest = after;
        }
    }
    match rest {
        "" => Ok(builder.finish()),
        _ => Err(strange()),
    }
}

fn strange() -> Error {
    Error::new(ErrorKind::Unsupported, "the catalog that the last run kept can't be understood")
}

/// The cells of the first row of a text, and what stands after it. PostgreSQL manual, 8.16.6: a cell is quoted where it
/// is empty or holds a comma, parenthesis, quote, backslash or white space; inside, a quote or backslash is doubled.
/// Nothing at all is null.
fn record(text: &str) -> Option<(Vec<Option<String>>, &str)> {
    let mut rest = text.strip_prefix('(')?;
    let mut cells = Vec::new();
    loop {
        let (cell, after) = match rest.strip_prefix('"') {
            Some(inside) => quoted(inside)?,
            None => {
                let (plain, after) = rest.split_at_checked(rest.find([',', ')'])?)?;
                ((!plain.is_empty()).then(|| plain.to_owned()), after)
            }
        };
        cells.push(cell);
        match after.strip_prefix(',') {
            Some(after) => rest = after,
            None => return Some((cells, after.strip_prefix(')')?)),
        }
    }
}

fn quoted(mut rest: &str) -> Option<(Option<String>, &str)> {
    let mut cell = String::new();
    loop {
        let (plain, after) = rest.split_at_checked(rest.find(['"', '\\'])?)?;
        cell.push_str(plain);
        rest = match after {
            after if after.starts_with("\"\"") => {
                cell.push('"');
                after.get(2..)?
            }
            after if after.starts_with("\\\\") => {
                cell.push('\\');
                after.get(2..)?
            }
            after => return Some((Some(cell), after.strip_prefix('"')?)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::record;

    #[test]
    fn rows_are_read_as_the_server_writes_them() {
        let some = |text: &str| Some(text.to_owned());
        let (cells, rest) = record(r#"(a,,"","b ""c"" \\ (,)",ü)(next)"#).unwrap();
        assert_eq!(cells, [some("a"), None, some(""), some(r#"b "c" \ (,)"#), some("ü")]);
        assert_eq!(rest, "(next)");
        for broken in ["", "(", "(a", r#"("a)"#, r#"("a"b)"#, r#"("a\b")"#] {
            assert_eq!(record(broken), None, "{broken}");
        }
    }
}
