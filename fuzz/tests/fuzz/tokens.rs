//! Two texts of equal tokens are the same to the server, so that an edit which leaves them is cosmetic.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::cell::Cell;

use embed_migrate_core::{Bundle, Checksum};
use fuzz::run;
use proptest::prelude::*;
use proptest::sample::select;
use tests::{connect, files, server};
use tokio::runtime::Builder;
use tokio_postgres::{Client, SimpleQueryMessage};

/// What stands alone, or beside another one of its kind.
const OPERANDS: &[&str] = &[
    "'a'",
    "'b'",
    "E'c\\n'",
    "e'\\''",
    "U&'\\0064'",
    "U&'!0065' UESCAPE '!'",
    "N'f'",
    "B'101'",
    "b'1'",
    "x'1F'",
    "$$g$$",
    "$a$h$a$",
    "$ä$i$ä$",
    "1",
    "2.5",
    ".5",
    "1e3",
    "0x1F",
    "1_000",
    "'1'::int",
    "NULL",
    "true",
    "ARRAY[1]",
    "( 2 )",
    "- 1",
    "-1",
    "'ü'",
    "current_database ( )",
    "'it''s'",
    "date '2026-11-30'",
    "interval'1 day'",
    "CASE WHEN true THEN 1 END",
    "'\\'",
    "E'\\\\'",
];
/// What stands between two of them.
const OPERATORS: &[&str] = &[
    "",
    "",
    "",
    "||",
    "+",
    "-",
    "*",
    "/",
    "<",
    ">",
    "=",
    "<>",
    "!=",
    "<=",
    "~",
    "!~",
    "@",
    "#",
    "%",
    "^",
    "&",
    "|",
    "AND",
    "IS NOT DISTINCT FROM",
    ",",
    "AS x,",
    "AS \"Y\",",
    "AS U&\"\\0079\",",
    "::text ||",
    "- -",
    "+ @",
    "* -",
    "< -",
    "||-",
];
const SEPARATORS: &[&str] = &[
    "",
    "",
    " ",
    "  ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\u{c}",
    "\u{b}",
    "--\n",
    " -- c\n",
    "\n-- c\n",
    "--c\r",
    "/**/",
    " /* c */ ",
    "\n/* c\n*/",
    "/* /* */ */",
    "\u{a0}",
    "\u{3000}",
    "\u{85}",
];

/// The words, with a separator behind each, and in the place of blanks in them.
fn text(words: &[&str], separators: &[&str]) -> String {
    let words = words.iter().flat_map(|word| word.split(' '));
    words.zip(separators.iter().cycle()).flat_map(|(word, separator)| [word, separator]).collect()
}

/// A text's tokens, if it is one that a patch may have.
fn tokens(text: &str) -> Option<Checksum> {
    let files = files("fuzz", &[("patch-1-0-0-std.sql", text)]);
    let bundle = Bundle::read(files.path(), "fuzz").ok()?;
    bundle.patches().first().map(|patch| patch.tokens())
}

/// What the server answers.
async fn answer(client: &Client, text: &str) -> String {
    match client.simple_query(text).await {
        Ok(messages) => messages.iter().map(row).collect(),
        Err(error) => match error.as_db_error() {
            Some(error) => format!("{}: {}", error.code().code(), error.message()),
            None => panic!("{text:?}: {error}"),
        },
    }
}

fn row(message: &SimpleQueryMessage) -> String {
    match message {
        SimpleQueryMessage::Row(row) => {
            let columns = row.columns().iter().enumerate();
            columns.map(|(index, column)| format!("{} {:?};", column.name(), row.get(index))).collect()
        }
        _ => String::new(),
    }
}

#[test]
fn texts_of_equal_tokens_are_the_same_to_the_server() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let client = runtime.block_on(async { connect(&server().database().await.unwrap()).await });
    let compared = Cell::new(0_u64);
    let separators = prop::collection::vec(select(&[" ", " ", "\n", "", "--\n"][..]), 64);
    let edits = prop::collection::vec((0..32_usize, select(SEPARATORS)), 1..4);
    let pairs = prop::collection::vec((select(OPERATORS), select(OPERANDS)), 0..5);
    run(&(select(OPERANDS), pairs, separators, edits), |(first, pairs, separators, edits)| {
        // The same words, with other separators between them, within them too.
        let words: Vec<&str> = pairs.iter().flat_map(|(operator, operand)| [*operator, *operand]).collect();
        let words = [vec!["SELECT", first], words, vec![";"]].concat();
        let mut others = separators.clone();
        for (index, separator) in edits {
            if let Some(other) = others.get_mut(index % (words.len() + 4)) {
                *other = separator;
            }
        }
        let [one, other] = [separators, others].map(|separators| text(&words, &separators));
        let (Some(tokens_of_one), Some(tokens_of_other)) = (tokens(&one), tokens(&other)) else {
            return Ok(());
        };
        if one != other && tokens_of_one == tokens_of_other {
            compared.set(compared.get() + 1);
            let [one_is, other_is] =
                runtime.block_on(async { [answer(&client, &one).await, answer(&client, &other).await] });
            prop_assert_eq!(one_is, other_is, "{:?} and {:?} have the same tokens", one, other);
        }
        Ok(())
    });
    assert!(compared.get() > 0, "no two texts were held against each other");
    println!("{} pairs were held against each other", compared.get());
}
