//! Random input, a file for each reader of texts that others write. All run at once, for `FUZZ_SECONDS`.

mod connections;
mod csv;
mod history;
mod texts;
mod tokens;
