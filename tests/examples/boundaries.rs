//! Holds the statements of a directory's `.sql` files against a server: where each ends, and that it is read with another
//! statement behind it.
//!
//! ```console
//! $ cargo run -p tests --example boundaries -- postgresql-15.18/src/test/regress/sql
//! ```
//!
//! PostgreSQL's own regression tests are meant, which are in its source. The server is the judge: it takes a whole message
//! apart before it runs any of it, so that a division by zero in front tells whether what follows is accepted.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may panic"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use embed_migrate_core::{Bundle, ErrorKind, statement_ranges};
use tests::{connect, database};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

/// A statement behind each, whose refusal tells that it was seen.
const SECOND: &str = "VACUUM;";
const SEEN: &str = "`VACUUM` can't run in a transaction, and a std patch is one";

#[tokio::main]
async fn main() {
    let directory = std::env::args().nth(1).expect("usage: boundaries DIRECTORY");
    let mut client = connect(&database().await).await;
    let mut tally = Tally::default();
    let mut paths: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "sql")) {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let text = without_psql(&text);
        let pieces: Vec<&str> = statement_ranges(&text).into_iter().map(|range| &text[range]).collect();
        let mut accepted = Vec::new();
        for (at, piece) in pieces.iter().enumerate() {
            if client.is_closed() {
                client = connect(&database().await).await;
            }
            if is_accepted(&client, piece).await {
                accepted.push(*piece);
                tally.fused(&client, path, piece).await;
            } else {
                tally.refused += 1;
                let pairs = [at.checked_sub(1).map(|before| [before, at]), Some([at, at + 1])];
                for [one, two] in pairs.into_iter().flatten().filter(|[_, two]| *two < pieces.len()) {
                    let joined = format!("{} {}", pieces[one], pieces[two]);
                    if is_accepted(&client, &joined).await {
                        tally.note("cut in two", path, &joined);
                    }
                }
            }
        }
        tally.accepted += accepted.len();
        for some in accepted.chunks(500) {
            tally.read(path, some);
        }
    }
    println!("accepted by the server: {}, refused by it: {}", tally.accepted, tally.refused);
    for (what, found) in &tally.found {
        println!("\n{}: {what}", found.len());
        let shown = if what.starts_with("meant") { 2 } else { 40 };
        found.iter().take(shown).for_each(|one| println!("  {one}"));
    }
}

#[derive(Default)]
struct Tally {
    accepted: usize,
    refused: usize,
    /// What was found, and where.
    found: BTreeMap<String, Vec<String>>,
}

impl Tally {
    fn note(&mut self, what: &str, path: &Path, statement: &str) {
        let shown: String =
            statement.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        let file = path.file_name().unwrap().to_string_lossy();
        self.found.entry(what.to_owned()).or_default().push(format!("{file}: {shown}"));
    }

    /// Whether the server sees several statements in what we see as one.
    async fn fused(&mut self, client: &Client, path: &Path, piece: &str) {
        let error = client.prepare(piece).await.err();
        let message = error.as_ref().and_then(|error| error.as_db_error()).map(|error| error.message());
        if message.is_some_and(|message| message.starts_with("cannot insert multiple commands")) {
            self.note("two taken for one", path, piece);
        }
    }

    /// Reads each with another statement behind it.
    fn read(&mut self, path: &Path, statements: &[&str]) {
        let directory = tempfile::tempdir().unwrap();
        for (number, statement) in statements.iter().enumerate() {
            let file = directory.path().join(format!("{:05}-p.sql", number + 1));
            fs::write(file, format!("-- migrate: min-app any\n{statement}\n{SECOND}\n")).unwrap();
        }
        let error = Bundle::read_unlocked(directory.path(), "m", "b").err().unwrap();
        let mut seen = vec![false; statements.len()];
        for problem in error.iter() {
            let place = problem.place().unwrap();
            let number: usize = place.path()["m/".len()..]["".len()..5].parse().unwrap();
            let statement = statements[number - 1];
            let last = 2 + statement.split('\n').count();
            if problem.message() == SEEN && place.line() as usize == last {
                seen[number - 1] = true;
            } else {
                let meant = if problem.kind() == ErrorKind::Syntax { "NOT READ" } else { "meant" };
                self.note(&format!("{meant}: {}", problem.message()), path, statement);
            }
        }
        for (statement, _) in statements.iter().zip(seen).filter(|(_, seen)| !seen) {
            self.note("swallowed what follows", path, statement);
        }
    }
}

async fn is_accepted(client: &Client, statement: &str) -> bool {
    match client.batch_execute(&format!("SELECT 1/0;\n{statement}")).await {
        Err(error) => error.code() == Some(&SqlState::DIVISION_BY_ZERO),
        Ok(()) => panic!("{statement}"),
    }
}

/// Without the commands of psql, and the rows that COPY reads.
fn without_psql(text: &str) -> String {
    let (mut kept, mut rows) = (String::new(), false);
    for line in text.lines() {
        let lower = line.to_lowercase();
        if rows {
            rows = line != "\\.";
        } else if let Some((before, _)) = line.split_once("\\g").filter(|_| !line.contains('\'')) {
            kept.extend([before, ";\n"]);
        } else if !line.trim_start().starts_with('\\') {
            kept.extend([&line.replace("\\;", ";"), "\n"]);
            rows = lower.starts_with("copy") && lower.contains("from stdin") && lower.contains(';');
        }
    }
    kept
}
