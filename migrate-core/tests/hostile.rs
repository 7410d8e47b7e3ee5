//! No name, SQL, YAML or lock file makes a reader panic or hang, whatever it contains.
#![cfg(feature = "parse")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../src/cases.rs"]
mod cases;

use std::fs;

use embed_migrate_core::{Bundle, Checksum, Directives, LockFile, MinApp, Place, Timeout, Version};
use proptest::prelude::*;
use proptest::sample::select;
use tempfile::TempDir;

use cases::cases;

const WORDS: &[&str] = &[
    "CREATE",
    "TABLE",
    "INDEX",
    "CONCURRENTLY",
    "a",
    "\"b\"",
    "(",
    ")",
    "[",
    "]",
    ",",
    ";",
    ";\n",
    "'x'",
    "'",
    "\"",
    "$$",
    "$a$",
    "$1",
    "E'\\''",
    "U&\"\\00",
    "--",
    "-- migrate: ",
    "-- migrate: min-app 1.0.0\n",
    "/*",
    "*/",
    "\n",
    "\r\n",
    "\\gexec",
    "\\",
    ":x",
    "::",
    ":=",
    "=>",
    "COPY",
    "FROM",
    "STDIN",
    "\\.",
    "BEGIN",
    "ATOMIC",
    "END",
    "CASE",
    "WHEN",
    "SELECT",
    "WITH",
    "AS",
    "UNION",
    "DO",
    "ALTER",
    "DROP",
    "COLUMN",
    "TYPE",
    "VALUES",
    "1",
    "1e",
    "0x",
    "é",
    "\u{feff}",
    "\u{0}",
    "NOT",
    "BETWEEN",
    "AND",
    "IN",
    "OPERATOR(",
    "INTERVAL",
    "PREPARE",
    "TRANSACTION",
    "REINDEX",
    "@",
    "<",
    "||",
    "?",
    "%",
    "COMMIT",
    "ROLLBACK",
    "TO",
    "MERGE",
    "RULE",
    "JSON_TABLE(",
    "COLUMNS",
    "EXPLAIN",
];

/// Real statements, to be cut and twisted.
const STATEMENTS: &[&str] = &[
    "CREATE TABLE study (id bigint PRIMARY KEY, title text DEFAULT 'it''s' CHECK (title <> ''));\n",
    "CREATE FUNCTION f(a int) RETURNS int LANGUAGE plpgsql AS $body$ BEGIN RETURN a; END $body$;\n",
    "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 ELSE 2 END; END;\n",
    "WITH a AS (SELECT x[1:2], y::text FROM t) UPDATE t SET z = E'\\n' FROM a WHERE NOT a.x BETWEEN 1 AND 2;\n",
    "ALTER TABLE t ADD COLUMN IF NOT EXISTS \"ä b\" numeric(1, 2), DROP c CASCADE;\n",
    "-- migrate: batch 5000 by id\nDELETE FROM t WHERE a IS DISTINCT FROM U&'\\0041' /* x /* y */ */;\n",
    "COPY t FROM STDIN WITH (FORMAT csv);\n1,2\n\\.\n",
    "INSERT INTO t VALUES (1, B'101', X'1F', $1) ON CONFLICT DO NOTHING RETURNING *;\n",
];

const NAMES: &[&str] = &[
    "patch-1-0-0-std.sql",
    "patch-1-0-0-std.down.sql",
    "patch-1-1-0-direct.sql",
    "patch-1-1-0-concurrent-x.sql",
    "patch-0-0-0-std-é.sql",
    "patch-2147483647-0-0-std.sql",
    "patch-2-0-0-std.sql",
    "00000-a.sql",
    "1-b.direct.sql",
    "00001-b.direct.down.sql",
    "baseline-1-0-0.sql",
    "baseline-2-0-0.sql",
    "bundle.yaml",
    "migrations.lock",
];

fn soup() -> impl Strategy<Value = String> {
    let joined = |words: Vec<(&str, &str)>| words.into_iter().flat_map(|(word, gap)| [word, gap]).collect();
    prop::collection::vec((select(WORDS), select(&[" ", " ", ""][..])), 0..60).prop_map(joined)
}

fn mutated() -> impl Strategy<Value = String> {
    let statements = prop::collection::vec(select(STATEMENTS), 1..4).prop_map(|texts| texts.concat());
    (statements, prop::collection::vec((any::<prop::sample::Index>(), 0..3_usize, select(WORDS)), 0..6))
        .prop_map(|(mut text, edits)| {
            for (index, edit, word) in edits {
                let at = text.floor_char_boundary(index.index(text.len() + 1));
                match edit {
                    0 => text.truncate(at),
                    1 => text.insert_str(at, word),
                    _ => drop(text.pop()),
                }
            }
            text
        })
}

fn lock_text() -> impl Strategy<Value = String> {
    let words = &[
        "patch",
        "draft",
        "baseline",
        "accept",
        "digest",
        "1.0.0",
        "1.1",
        "4294967296",
        "-1",
        "std",
        "any",
        "x.sql",
        "sha256:",
        "sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "sha256:zz",
        "#",
        "\n",
        " ",
        "é",
        "<<<<<<<",
    ][..];
    prop::collection::vec(select(words), 0..40).prop_map(|words| words.join(" "))
}

fn yaml() -> impl Strategy<Value = String> {
    let words = &[
        "name", "requires", "schema", "timeouts", "lock", ":", ": ", "\n", "\n  ", "- ", "[", "]", "{", "}",
        "&a ", "*a", "<<", "!!str ", "'", "\"", "|\n", ">\n", "%YAML", "---", "...", "2s", "é", "#", ",",
        "?", "\t", "~",
    ][..];
    prop::collection::vec(select(words), 0..40).prop_map(|words| words.concat())
}

fn text() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        soup().prop_map(String::into_bytes),
        mutated().prop_map(String::into_bytes),
        yaml().prop_map(String::into_bytes),
        lock_text().prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..80),
    ]
}

/// Names that a file system takes.
fn name() -> impl Strategy<Value = String> {
    let safe = |name: &String| !name.contains(['/', '\0']) && !["", ".", ".."].contains(&name.as_str());
    let any = prop_oneof![
        "(patch|baseline)?-?[0-9]{1,11}(-[0-9a-z'é\". ]{0,6}){0,5}(\\.down)?(\\.sql)?",
        "\\PC{1,20}"
    ];
    prop_oneof![3 => select(NAMES).prop_map(str::to_owned), 1 => any.prop_filter("a file's name", safe)]
}

/// Reads a directory, prints what is wrong with it, and reads again what it would lock.
fn check(files: &[(String, Vec<u8>)]) {
    let directory = TempDir::new().unwrap();
    for (name, bytes) in files {
        fs::write(directory.path().join(name), bytes).unwrap();
    }
    match Bundle::read_with(directory.path(), "migrations", "clinic", None) {
        Ok(bundle) => {
            let lock = LockFile::of(&bundle).unwrap();
            assert_eq!(LockFile::parse("", &lock.to_string()).unwrap(), lock);
        }
        Err(error) => assert!(error.iter().all(|one| !one.to_string().is_empty())),
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn no_directory_panics(files in prop::collection::vec((name(), text()), 0..6)) {
        check(&files);
    }

    #[test]
    fn no_sql_panics(kind in select(&["std", "direct", "concurrent"][..]), text in prop_oneof![soup(), mutated()]) {
        let _ = Directives::parse("a.sql", &text);
        check(&[(format!("patch-1-0-0-{kind}.sql"), text.into_bytes())]);
    }

    #[test]
    fn no_lock_file_panics(text in lock_text()) {
        let merged = LockFile::parse_merged("migrations.lock", &text);
        if let Ok(lock) = merged {
            prop_assert_eq!(LockFile::parse("migrations.lock", &lock.to_string()).unwrap(), lock);
        }
        let _ = LockFile::parse("migrations.lock", &text);
    }

    #[test]
    fn no_manifest_panics(text in yaml()) {
        check(&[("bundle.yaml".to_owned(), text.into_bytes())]);
    }

    #[test]
    fn no_word_panics(word in "\\PC{0,40}|sha256:[0-9a-fé]{60,66}|[0-9.]{0,24}|[0-9]{1,12}(ms|s|d)") {
        let _ = (word.parse::<Version>(), word.parse::<Checksum>(), word.parse::<MinApp>(), word.parse::<Timeout>());
        let _ = Directives::parse("", &format!("-- migrate: {word}\n"));
    }

    #[test]
    fn a_caret_stands_under_its_character(text in "([a-z\té漢]{0,90}\r?\n){0,4}", offset in 0..400_usize) {
        let place = Place::offset("a.sql", &text, offset);
        let shown = place.to_string();
        let [.., line, caret] = *shown.lines().collect::<Vec<_>>() else { panic!("{shown}") };
        let at = caret.chars().count() - 1;
        prop_assert!(caret.ends_with('^'));
        let offset = text.floor_char_boundary(offset);
        let character = text[offset..].chars().next().filter(|c| !"\r\n".contains(*c));
        let under = line.chars().nth(at).filter(|_| !line.is_empty());
        // What ends a line is not shown.
        prop_assert!(under == character || character.is_none_or(|c| c == '\t'), "{shown}");
        let tabs = |text: &str| text.chars().take(at).filter(|c| *c == '\t').count();
        prop_assert!(under.is_none() || tabs(line) == tabs(caret), "{shown}");
    }
}
