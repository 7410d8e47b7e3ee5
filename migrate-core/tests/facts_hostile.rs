//! Whatever the files contain, reading them ends with facts or with an error.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "../src/cases.rs"]
mod cases;

use embed_migrate_core::ErrorKind;
use embed_migrate_core::facts::{
    self, Cell, Claim, DirectoryFiles, EmbeddedFiles, Fact, FilePath, Files, Lookup,
};
use proptest::prelude::*;

use cases::cases;

/// Bytes under the names that facts may have.
struct Bytes(Vec<u8>);

impl Files for Bytes {
    fn read(&self, path: &FilePath) -> Lookup<'_> {
        match path.path.as_str() {
            "deploy.yaml" => Lookup::Found((&self.0).into()),
            "rows.csv" | "rows.json" | "rows.yaml" => Lookup::Found((&self.0).into()),
            _ => Lookup::Missing,
        }
    }
}

/// Wants all facts that read to be printed and read again.
fn survives(facts: Result<Vec<Fact>, embed_migrate_core::Error>) {
    match facts {
        Ok(facts) => {
            let yaml = facts::print(&facts);
            for fact in &facts {
                assert!(!facts::context("deploying", &[fact]).is_empty());
            }
            assert!(!yaml.is_empty());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

const WORDS: [&str; 60] = [
    "table",
    "column",
    "link",
    "identity",
    "data",
    "sql",
    "unless",
    "include",
    "alias",
    "schema",
    "extension",
    "index",
    "check",
    "view",
    "function",
    "trigger",
    "grant",
    "of",
    "type",
    "with",
    "was",
    "present",
    "required",
    "default",
    "on",
    "to",
    "as",
    "that",
    "after",
    ": ",
    "- ",
    "\n",
    "\n- ",
    "\n  ",
    "\n  - ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "'",
    "\"",
    "|\n",
    ">-\n",
    "&a ",
    "*a ",
    "!include ",
    "!include/str ",
    "rows.csv",
    "rows.json",
    "rows.yaml",
    "t.a",
    "text",
    "false",
    "true",
    "null",
    "1.10",
    "a,b\n1,2\n",
    "# ",
    "? ",
];

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        survives(facts::read(&Bytes(bytes), "deploy.yaml"));
    }

    #[test]
    fn no_text_panics(text in "[-a:{}\\[\\]&*!|>'\"%@`#,? \n\t\r\u{85}\u{feff}é]{0,40}") {
        survives(facts::parse("text", &text));
    }

    #[test]
    fn no_words_panic(words in prop::collection::vec(prop::sample::select(&WORDS[..]), 0..40)) {
        survives(facts::read(&Bytes(words.concat().into()), "deploy.yaml"));
    }

    #[test]
    fn no_rows_panic(text in "[\\[\\]{}a\",:\n\r\\\\ud8001e.-]{0,40}") {
        for name in ["rows.csv", "rows.json", "rows.yaml"] {
            let deploy = format!("{{data: {name}, of: t}}");
            survives(facts::read(&EmbeddedFiles::new(&[("deploy.yaml", &deploy), (name, &text)]), "deploy.yaml"));
        }
    }
}

#[test]
fn nothing_nests_deep_enough_to_break_the_stack() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", ""), ("? ", ""), ("a:\n ", ""), ("!!seq [", "]")]
    {
        let text = open.repeat(100_000) + &close.repeat(100_000);
        assert!(facts::parse("deep", &text).is_err(), "{open}");
        let files = [("deploy.yaml", "{data: a.json, of: t}"), ("a.json", text.as_str())];
        assert!(facts::read(&EmbeddedFiles::new(&files), "deploy.yaml").is_err(), "{open}");
    }
    // Each alias is one higher than what it repeats.
    let stairs: String = (1..1000).map(|n| format!("- &a{n} [*a{}]\n", n - 1)).collect();
    assert!(facts::parse("stairs", &format!("- &a0 []\n{stairs}")).is_err());
}

#[test]
fn what_repeats_itself_ends_soon() {
    let bomb: String =
        (1..30).map(|n| format!("- &a{n} [{}]\n", format!("*a{},", n - 1).repeat(20))).collect();
    assert!(facts::parse("bomb", &format!("- &a0 {}\n{bomb}", "x".repeat(100_000))).is_err());
    let names: Vec<String> = (0..20).map(|n| format!("{n}.yaml")).collect();
    let texts: Vec<String> =
        (1..=20).map(|n| format!("[{}]", format!("!include {n}.yaml,").repeat(20))).collect();
    let mut files: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    files.push(("20.yaml", "[]"));
    assert!(facts::read(&EmbeddedFiles::new(&files), "0.yaml").is_err());
    let texts: Vec<String> = (1..=20).map(|n| format!("- include: {n}.yaml\n").repeat(20)).collect();
    let mut files: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    files.push(("20.yaml", "[]"));
    assert!(facts::read(&EmbeddedFiles::new(&files), "0.yaml").is_err());
}

#[test]
fn a_file_of_one_long_line_is_read_in_reasonable_time() {
    let text = format!("[{}]", "{table: a, with: [{column: b, type: text}]},".repeat(20_000));
    assert_eq!(facts::parse("long", &text).unwrap().len(), 20_000);
}

#[test]
fn windows_files_read_like_others() {
    let plain =
        [("deploy.yaml", "- data: a.csv\n- sql: |\n    SELECT\n    1\n"), ("a.csv", "code\n\"x\ny\"\n")];
    let windows = [
        ("deploy.yaml", "\u{feff}- data: a.csv\r\n- sql: |\r\n    SELECT\r\n    1\r\n"),
        ("a.csv", "\u{feff}code\r\n\"x\r\ny\"\r\n"),
    ];
    let [plain, windows] =
        [&plain, &windows].map(|files| facts::load(&EmbeddedFiles::new(files), "deploy.yaml").unwrap());
    assert_eq!(plain.facts, windows.facts);
    assert_eq!(facts::digest(&plain.files), facts::digest(&windows.files));
    let Claim::Data(data) = &windows.facts[0].claim else { panic!() };
    assert_eq!(data.rows.iter().next().unwrap().cells, [Cell::Text("x\ny".into())]);
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    let error = facts::read(&Bytes(b"- table: a\n- table: \xff".to_vec()), "deploy.yaml").unwrap_err();
    assert_eq!((error.message(), error.place().unwrap().line()), ("the text is not UTF-8", 2));
    let error = facts::read(&Bytes(b"- table: a\n- table: \0".to_vec()), "deploy.yaml").unwrap_err();
    assert_eq!((error.message(), error.place().unwrap().line()), ("the text has a NUL byte", 2));
}

#[test]
fn the_digest_is_that_of_the_files_whatever_the_order() {
    let load = |files: &[(&str, &str)]| {
        facts::digest(&facts::load(&EmbeddedFiles::new(files), "deploy.yaml").unwrap().files)
    };
    let base = load(&[
        ("deploy.yaml", "[{include: a.yaml}, {include: b.yaml}]"),
        ("a.yaml", "[]"),
        ("b.yaml", "[ ]"),
    ]);
    let same = load(&[
        ("b.yaml", "[ ]"),
        ("unread", ""),
        ("deploy.yaml", "[{include: a.yaml}, {include: b.yaml}]"),
        ("a.yaml", "[]"),
    ]);
    let other = load(&[
        ("deploy.yaml", "[{include: a.yaml}, {include: b.yaml}]"),
        ("a.yaml", "[ ]"),
        ("b.yaml", "[]"),
    ]);
    assert_eq!(base, same);
    assert_ne!(base, other);
}

#[test]
#[cfg(unix)]
fn a_directory_gives_its_own_regular_files_only() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    let (inside, outside) = (root.path().join("bundle"), root.path().join("outside.csv"));
    std::fs::create_dir_all(inside.join("sub")).unwrap();
    std::fs::write(&outside, "code\n").unwrap();
    std::fs::write(inside.join("real.csv"), "code\n").unwrap();
    symlink(&outside, inside.join("out.csv")).unwrap();
    symlink(root.path(), inside.join("up")).unwrap();
    symlink("real.csv", inside.join("in.csv")).unwrap();
    symlink("loop.csv", inside.join("loop.csv")).unwrap();
    symlink("/dev/zero", inside.join("zero.csv")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(inside.join("fifo.csv")).status().unwrap().success());
    let files = DirectoryFiles::new(&inside, "migrations");
    let read = |name: &str| files.read(&FilePath::own(name));
    for name in ["real.csv", "in.csv"] {
        assert!(matches!(read(name), Lookup::Found(_)), "{name}");
    }
    for name in ["out.csv", "up/outside.csv", "loop.csv", "zero.csv", "fifo.csv", "sub"] {
        assert!(matches!(read(name), Lookup::Refused(_)), "{name}: {:?}", read(name));
    }
    assert_eq!(read("missing.csv"), Lookup::Missing);
    assert_eq!(
        files.read(&FilePath { bundle: Some("audit".into()), path: "deploy.yaml".into() }),
        Lookup::Unseen
    );

    std::fs::write(inside.join("deploy.yaml"), "- data: out.csv\n- data: fifo.csv\n- data: in.csv").unwrap();
    let error = facts::read(&files, "deploy.yaml").unwrap_err();
    let messages: Vec<&str> = error.iter().map(|problem| problem.message()).collect();
    assert_eq!(
        messages,
        [
            "`migrations/out.csv` can't be read: a symbolic link leads out of the bundle's directory",
            "`migrations/fifo.csv` can't be read: it is not a regular file",
        ]
    );
    assert!(error.iter().all(|problem| problem.kind() == ErrorKind::File));
}
