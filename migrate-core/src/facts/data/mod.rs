//! The rows of data facts: `csv.rs` splits a text into records, `from_csv.rs` and `from_list.rs` make `DataRows` of CSV
//! and of lists, and `data_rows.rs` gives the rows and their places.

mod csv;
mod data_rows;
mod from_csv;
mod from_list;

pub use data_rows::{Cell, DataRows, DataRowsIter, Row};
