//! CSV is read as Rust's `csv` reads it, except lines of blanks, and a quoted cell without an end, which is refused.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::cell::Cell as Count;

use embed_migrate_core::facts::{Cell, DataRows};
use fuzz::{joined, run, words};
use proptest::prelude::*;

const HEADER: &str = "a,b,c\n";
const CELLS: &[&str] = &[
    "x",
    "é",
    "\"\"",
    "\"x\"",
    "\"x,y\"",
    "\"x\ny\"",
    "\"x\r\ny\"",
    "\"\"\"\"",
    "\"",
    "\\\"",
    "",
    " ",
    "\t",
    "\u{2028}",
];
const ENDS: &[&str] = &[",", ",", ",", ",", "", "\n", "\r\n", "\r", "\n\n", ",,"];

/// The rows as we read them; `None` if a quoted cell has no end.
fn ours(text: &str) -> Option<Result<Vec<Vec<String>>, String>> {
    let rows = match DataRows::csv("rows.csv", text) {
        Ok(rows) => rows,
        Err(error) if error.to_string().contains("a quoted cell has no end") => return None,
        Err(error) => return Some(Err(error.to_string())),
    };
    let cell = |cell: &Cell<'_>| match cell {
        Cell::Text(text) => text.to_string(),
        _ => String::new(),
    };
    Some(Ok(rows.iter().map(|row| row.cells.iter().map(cell).collect()).collect()))
}

/// The rows as `csv` reads them.
fn theirs(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let rows = reader.records().skip(1).map(|record| record.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

fn is_blank(row: &[String]) -> bool {
    matches!(row, [cell] if cell.trim_matches([' ', '\t']).is_empty())
}

#[test]
fn csv_is_read_as_another_reader_reads_it() {
    let (read, alike) = (Count::new(0_u64), Count::new(0_u64));
    run(&words(12), |choices| {
        let text = format!("{HEADER}{}", joined(&choices, CELLS, ENDS));
        let (Some(ours), theirs) = (ours(&text), theirs(&text)) else { return Ok(()) };
        read.set(read.get() + 1);
        // A row of one cell that is blank may have been written in quotes: then it has too few.
        if theirs.iter().any(|row| is_blank(row)) {
            return Ok(());
        }
        match theirs.iter().all(|row| row.len() == 3) {
            true => {
                alike.set(alike.get() + u64::from(!theirs.is_empty()));
                prop_assert_eq!(ours.as_ref(), Ok(&theirs), "{:?}", text);
            }
            false => prop_assert!(ours.is_err(), "{:?}: {:?} and {:?}", text, ours, theirs),
        }
        Ok(())
    });
    assert!(alike.get() > 0, "{} texts, none with rows of three cells", read.get());
}
