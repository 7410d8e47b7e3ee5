//! Markdown tables, and the document that they are put into.

use std::fmt::{self, Display};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::{Result, context};

/// A Markdown table, aligned in the source too.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The titles of its columns. The first column is aligned left, the others right.
    pub fn new<T: Display>(titles: impl IntoIterator<Item = T>) -> Table {
        Table { rows: vec![titles.into_iter().map(|title| title.to_string()).collect()] }
    }

    /// One more row.
    pub fn row<T: Display>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(|cell| cell.to_string()).collect());
    }
}

impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let cell = |row: &Vec<String>, column: usize| row.get(column).cloned().unwrap_or_default();
        let widest = |column| self.rows.iter().map(|row| cell(row, column).chars().count()).max();
        let widths: Vec<_> = (0..columns).map(|column| widest(column).unwrap_or(0).max(2)).collect();
        for (number, row) in self.rows.iter().enumerate() {
            for (column, width) in widths.iter().enumerate() {
                let cell = cell(row, column);
                if column == 0 { write!(f, "| {cell:width$} ")? } else { write!(f, "| {cell:>width$} ")? }
            }
            writeln!(f, "|")?;
            if number == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let rule = "-".repeat(width + 1);
                    if column == 0 { write!(f, "|{rule}-")? } else { write!(f, "|{rule}:")? }
                }
                writeln!(f, "|")?;
            }
        }
        Ok(())
    }
}

/// Replaces the text between the markers of `section`, or appends it with its markers.
///
/// # Errors
///
/// What the file system says, or a marker that begins and never ends.
pub fn write_section(path: &Path, section: &str, text: &str) -> Result<()> {
    let old = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => HEAD.to_owned(),
        read => read.map_err(context(path.display()))?,
    };
    let new = replaced(&old, section, text).map_err(context(path.display()))?;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(context(parent.display()))?;
    }
    fs::write(path, new).map_err(context(path.display()))
}

const HEAD: &str = "# Benchmarks\n\nMade by the commands in each section, side by side with peers in one run; how, and what to \
                    trust: [benches/README.md](../benches/README.md).\n";

fn replaced(document: &str, section: &str, text: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {section}: begin -->"), format!("<!-- {section}: end -->"));
    let body = format!("{begin}\n\n{}\n\n{end}", text.trim());
    let Some((before, rest)) = document.split_once(&begin) else {
        return Ok(format!("{}\n\n{body}\n", document.trim_end()));
    };
    let Some((_, after)) = rest.split_once(&end) else { return Err(format!("`{end}` is missing").into()) };
    Ok(format!("{before}{body}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_appended_then_replaced_and_the_others_stay() {
        let one = replaced("# Title\n", "a", "old").unwrap();
        let two = replaced(&one, "b", "other").unwrap();
        let three = replaced(&two, "a", "new").unwrap();
        assert_eq!(
            three,
            "# Title\n\n<!-- a: begin -->\n\nnew\n\n<!-- a: end -->\n\n<!-- b: begin -->\n\nother\n\n<!-- b: end -->\n"
        );
        assert!(replaced("<!-- a: begin -->", "a", "").is_err());
    }

    #[test]
    fn a_table_is_aligned_in_the_source() {
        let mut table = Table::new(["tool", "ms"]);
        table.row(["sqlx", "12.5"]);
        assert_eq!(table.to_string(), "| tool |   ms |\n|------|-----:|\n| sqlx | 12.5 |\n");
    }
}
