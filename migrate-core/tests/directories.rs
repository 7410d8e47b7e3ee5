//! Bundles in directories: their lock files, and binaries that are stale against them.
#![cfg(feature = "parse")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::Path;

use embed_migrate_core::{Accept, Bundle, Checksum, ErrorKind, LOCK_FILE, LockFile, Version};
use support::{directory, write};
use tempfile::TempDir;

const STUDY: &str = "-- Studies.\nCREATE TABLE study (id bigint);\n";
const VISIT: &str = "CREATE TABLE visit (id bigint);\n";

fn read(directory: &TempDir) -> Bundle {
    Bundle::read(directory.path(), "clinic").unwrap()
}

fn lock(directory: &TempDir) -> LockFile {
    LockFile::of(&read(directory)).unwrap()
}

#[test]
fn a_lock_file_reads_as_it_was_written() {
    let directory = directory(&[
        ("baseline-1-0-0.sql", STUDY),
        ("patch-1-0-1-std.sql", VISIT),
        ("patch-1-1-0-concurrent-größe.sql", "CREATE INDEX CONCURRENTLY i ON study (id);\n"),
        ("patch-1-2-0-direct.sql", "-- migrate: min-app 1.1.0\nDROP TABLE visit;\n"),
    ]);
    let mut lock = lock(&directory);
    let version = Version::new(1, 0, 1);
    let reason = "it's the same, says the reviewer: -- # digest".into();
    lock.accepts.push(Accept { version, old: Checksum::of("a"), new: Checksum::of("b"), reason });
    lock.entries.last_mut().unwrap().locked = None;
    let text = lock.to_string();
    let again = LockFile::parse(LOCK_FILE, &text).unwrap();
    assert_eq!(again, lock);
    assert_eq!(again.to_string(), text);
    assert_eq!(LockFile::parse(LOCK_FILE, &text.replace('\n', "\r\n")).unwrap(), lock);
    assert_eq!(LockFile::parse_merged(LOCK_FILE, &text).unwrap(), lock);
}

#[test]
fn a_directive_that_has_no_effect_on_facts_is_refused_by_name() {
    let text =
        "# migrate: min-app any\n# migrate: allow truncate: small\n# migrate: batch 5 by id\ntable: study\n";
    let directory = directory(&[("patch-1-0-0-std.yaml", text)]);
    let error = Bundle::read(directory.path(), "clinic").unwrap_err();
    let messages: Vec<_> =
        error.iter().map(|it| (it.message().to_owned(), it.place().unwrap().line())).collect();
    let expected = [("allow", 2), ("batch", 3)]
        .map(|(key, line)| (format!("`{key}` has no effect in a patch whose body is facts"), line));
    assert_eq!(messages, expected);
    write(directory.path(), &[("patch-1-0-0-std.yaml", "# migrate: statement-timeout 5s\ntable: study\n")]);
    assert_eq!(read(&directory).patches().len(), 1);
}

#[test]
fn a_locked_bundle_that_has_not_changed_locks_the_same() {
    let directory = directory(&[("patch-1-0-0-std.sql", STUDY), ("patch-1-1-0-direct.sql", VISIT)]);
    let drafts = read(&directory);
    assert!(drafts.patches().iter().all(|patch| patch.is_draft()));
    let text = lock(&directory).to_string();
    write(directory.path(), &[(LOCK_FILE, &text)]);
    let locked = read(&directory);
    assert!(locked.patches().iter().all(|patch| !patch.is_draft()));
    assert_eq!(locked.digest(), drafts.digest());
    assert_eq!(lock(&directory).to_string(), text);
}

#[test]
fn both_sides_of_a_merge_are_kept() {
    let directory = directory(&[("patch-1-0-0-std.sql", STUDY)]);
    let ours = lock(&directory);
    write(directory.path(), &[("patch-1-1-0-std.sql", VISIT)]);
    let theirs = lock(&directory);
    let line = theirs.entries.last().unwrap().to_string();
    // What git leaves when both sides' lines were kept, with one side's digest.
    let merged = format!("{ours}{line}\n");
    let error = LockFile::parse(LOCK_FILE, &merged).unwrap_err();
    assert_eq!(error.message(), "the lock file's digest does not match its lines");
    assert_eq!(LockFile::parse_merged(LOCK_FILE, &merged).unwrap(), theirs);
    let conflict = format!("<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n");
    assert_eq!(LockFile::parse_merged(LOCK_FILE, &conflict).unwrap_err().iter().count(), 3);
}

/// A bundle as a debug build embeds it.
fn embedded(directory: &TempDir) -> Bundle {
    read(directory).with(|parts| parts.directory = Some(directory.path().to_str().unwrap().to_owned().into()))
}

fn stale(change: impl Fn(&Path)) -> Option<String> {
    let directory = directory(&[
        ("patch-1-0-0-std.sql", STUDY),
        ("patch-1-1-0-std.sql", VISIT),
        ("patch-1-1-0-std.down.sql", "DROP TABLE visit;\n"),
    ]);
    let bundle = embedded(&directory);
    assert!(bundle.changed_since_build().is_none());
    change(directory.path());
    bundle.changed_since_build().map(|error| {
        assert_eq!(error.kind(), ErrorKind::Stale);
        error.message().to_owned()
    })
}

#[test]
fn a_stale_binary_says_what_happened_to_its_directory() {
    let added = stale(|directory| write(directory, &[("patch-1-2-0-std.sql", "SELECT 1;")]));
    assert_eq!(added.unwrap(), "stale binary: `patch-1-2-0-std.sql` was added after it was built");
    let changed = stale(|directory| write(directory, &[("patch-1-1-0-std.sql", "SELECT 1;")]));
    assert_eq!(changed.unwrap(), "stale binary: `patch-1-1-0-std.sql` was changed after it was built");
    let removed = stale(|directory| fs::remove_file(directory.join("patch-1-0-0-std.sql")).unwrap());
    assert_eq!(removed.unwrap(), "stale binary: `patch-1-0-0-std.sql` was removed after it was built");
    for (file, what) in [("patch-1-0-0-std.down.sql", "added"), ("patch-1-1-0-std.down.sql", "changed")] {
        let back = stale(|directory| write(directory, &[(file, "SELECT 1;")]));
        assert_eq!(back.unwrap(), format!("stale binary: `{file}` was {what} after it was built"));
    }
}

#[test]
fn a_manifest_that_changed_makes_a_binary_stale() {
    let directory = directory(&[("patch-1-0-0-std.sql", STUDY)]);
    let messages = |bundle: &Bundle| bundle.changed_since_build().map(|error| error.message().to_owned());
    let before = embedded(&directory);
    write(directory.path(), &[("bundle.yaml", "schema: study\n")]);
    let added = "stale binary: `bundle.yaml` was added after it was built";
    assert_eq!(messages(&before).as_deref(), Some(added));
    let before = embedded(&directory);
    assert_eq!(messages(&before), None);
    write(directory.path(), &[("bundle.yaml", "\u{feff}schema: study\r\n")]);
    assert_eq!(messages(&before), None);
    write(directory.path(), &[("bundle.yaml", "schema: other\n")]);
    let changed = "stale binary: `bundle.yaml` was changed after it was built";
    assert_eq!(messages(&before).as_deref(), Some(changed));
    fs::remove_file(directory.path().join("bundle.yaml")).unwrap();
    let removed = "stale binary: `bundle.yaml` was removed after it was built";
    assert_eq!(messages(&before).as_deref(), Some(removed));
}

#[test]
fn what_makes_no_other_patch_makes_no_stale_binary() {
    let crlf = format!("\u{feff}{}", STUDY.replace('\n', "\r\n"));
    assert_eq!(stale(|directory| write(directory, &[("patch-1-0-0-std.sql", &crlf)])), None);
    assert_eq!(stale(|directory| write(directory, &[("README.md", "read me"), (".x.sql", "")])), None);
    assert_eq!(stale(|directory| fs::remove_dir_all(directory).unwrap()), None);
}

#[test]
fn a_patch_of_ten_megabytes_is_read() {
    let row = "INSERT INTO study VALUES (1, 'a title that is neither short nor long');\n";
    let text = row.repeat((10 << 20) / row.len() + 1);
    let directory = directory(&[("patch-1-0-0-std.sql", &text)]);
    assert_eq!(read(&directory).patches()[0].text(), text);
}

#[test]
fn yaml_that_explodes_or_nests_without_end_is_refused() {
    let laughs: String = (1..40)
        .map(|level| format!("a{level}: &a{level} [*a{}, *a{}, *a{}]\n", level - 1, level - 1, level - 1))
        .collect();
    for text in [
        format!("a0: &a0 [lol, lol]\n{laughs}name: *a39\n"),
        format!("name: {}", "[".repeat(100_000)),
        format!("name: {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("name: {}", "{a: ".repeat(100_000)),
        format!("name:\n {}a", "- ".repeat(100_000)),
        (0..3_000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
    ] {
        let directory = directory(&[("bundle.yaml", &text)]);
        let error = Bundle::read(directory.path(), "clinic").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Format);
    }
}

#[test]
fn a_hotfix_below_the_baseline_must_have_been_there_before_it() {
    let before = directory(&[("patch-1-0-0-std.sql", STUDY), ("patch-1-0-1-std.sql", VISIT)]);
    let text = lock(&before).to_string();
    let squash =
        [("baseline-2-0-0.sql", STUDY), ("patch-1-0-0-std.sql", STUDY), ("patch-2-0-0-std.sql", VISIT)];
    let late = directory(&squash);
    write(late.path(), &[("patch-1-0-1-std.sql", VISIT)]);
    let error = Bundle::read(late.path(), "clinic").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Late);
    assert_eq!(error.message(), "hotfix `1.0.1` is below the baseline and not locked");
    write(late.path(), &[(LOCK_FILE, &text)]);
    assert_eq!(read(&late).patches().len(), 3);
}

#[test]
fn a_readme_makes_no_binary_stale_whatever_its_ending() {
    let directory = directory(&[("patch-1-0-0-std.sql", STUDY)]);
    let mut bundle = read(&directory);
    bundle =
        bundle.with(|parts| parts.directory = Some(directory.path().to_string_lossy().into_owned().into()));
    write(directory.path(), &[("README.sql", "not SQL at all"), ("README", "")]);
    assert!(bundle.changed_since_build().is_none());
    assert_eq!(read(&directory).patches().len(), 1);
}

#[test]
fn a_pipe_and_a_device_are_refused_by_name_and_not_waited_for() {
    let directory = directory(&[("patch-1-0-0-std.sql", STUDY)]);
    let bundle = {
        let mut bundle = read(&directory);
        bundle = bundle
            .with(|parts| parts.directory = Some(directory.path().to_string_lossy().into_owned().into()));
        bundle
    };
    let pipe = |name: &str| {
        let created = std::process::Command::new("mkfifo").arg(directory.path().join(name)).status();
        assert!(created.unwrap().success());
    };
    pipe("patch-1-1-0-std.sql");
    std::os::unix::fs::symlink("/dev/zero", directory.path().join("patch-1-2-0-std.sql")).unwrap();
    pipe("bundle.yaml");
    let refused = Bundle::read_with(directory.path(), "migrations", "clinic", None).unwrap_err();
    let help = "help: it is not a regular file: a pipe, a socket or a device";
    let names = ["bundle.yaml", "patch-1-1-0-std.sql", "patch-1-2-0-std.sql"];
    let mut messages: Vec<_> = refused.split().iter().map(ToString::to_string).collect();
    messages.sort();
    assert_eq!(
        messages,
        names.map(|name| format!("`{name}` is not part of a bundle\n  --> migrations/{name}\n  {help}"))
    );
    let refused = Bundle::declared_name(directory.path()).unwrap_err();
    assert!(refused.message().ends_with("bundle.yaml`: it is not a regular file"), "{refused}");
    // One that was embedded, too.
    fs::remove_file(directory.path().join("patch-1-0-0-std.sql")).unwrap();
    fs::remove_file(directory.path().join("patch-1-1-0-std.sql")).unwrap();
    fs::remove_file(directory.path().join("patch-1-2-0-std.sql")).unwrap();
    pipe("patch-1-0-0-std.sql");
    assert!(bundle.changed_since_build().is_some());
}

/// What is refused, each with its message, the file in which it is, and the line.
fn refused(files: &[(&str, &str)]) -> Vec<(String, String, u32)> {
    let directory = directory(files);
    let error = Bundle::read_with(directory.path(), "db", "clinic", None).unwrap_err();
    let place = |error: &embed_migrate_core::Error| error.place().cloned().unwrap();
    let all = error.iter().map(|it| (it.message().to_owned(), place(it).path().to_owned(), place(it).line()));
    all.map(|(message, file, line)| (message, file.trim_start_matches("db/").to_owned(), line)).collect()
}

fn one_refused(text: &str) -> (String, u32) {
    let [(message, _, line)] = refused(&[("patch-1-0-0-std.sql", text)]).try_into().unwrap();
    (message, line)
}

#[test]
fn a_directive_that_nobody_would_read_is_refused() {
    let nowhere = "a directive is in a place where none is read".to_owned();
    let license = "/* Ours. */\n-- migrate: lock-timeout 5s\nSELECT 1;\n";
    assert_eq!(one_refused(license), (nowhere.clone(), 2));
    assert_eq!(one_refused("/* migrate: lock-timeout 5s */\nSELECT 1;\n"), (nowhere.clone(), 1));
    assert_eq!(one_refused("/*\n * migrate: lock-timeout 5s\n */\nSELECT 1;\n"), (nowhere, 1));
    let after = "a directive is after the first statement".to_owned();
    assert_eq!(one_refused("SELECT 1; -- migrate: lock-timeout 5s\n"), (after, 1));
    let fine = "-- migrate: lock-timeout 5s\n/* Ours. */\nSELECT 1; /* migrate: is a word */\n";
    assert_eq!(read(&directory(&[("patch-1-0-0-std.sql", fine)])).patches().len(), 1);
}

#[test]
fn a_transaction_that_has_begun_is_not_set() {
    let refused = "`SET TRANSACTION` is not allowed in a patch".to_owned();
    assert_eq!(one_refused("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\n"), (refused.clone(), 1));
    assert_eq!(one_refused("SELECT 1;\nSET TRANSACTION READ ONLY;\n"), (refused, 2));
    let fine = "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;\n";
    assert_eq!(read(&directory(&[("patch-1-0-0-std.sql", fine)])).patches().len(), 1);
}

#[test]
fn a_column_may_be_called_rename() {
    let fine = "CREATE TABLE study (rename int);\nINSERT INTO study (rename) VALUES (1);\n\
                ALTER TABLE study ADD COLUMN rename_at int, ADD rename int;\nCREATE FUNCTION rename() RETURNS int \
                LANGUAGE sql AS $$ SELECT 1 $$;\n";
    assert_eq!(read(&directory(&[("patch-1-0-0-std.sql", fine)])).patches().len(), 1);
    let renames = [
        "ALTER TABLE rename RENAME TO study;",
        "ALTER TABLE study RENAME rename TO renamed;",
        "ALTER VIEW study RENAME COLUMN a TO b;",
        "ALTER TYPE phase RENAME VALUE 'a' TO 'b';",
        "ALTER TYPE phase RENAME ATTRIBUTE a TO b;",
        "ALTER FUNCTION f() RENAME TO g;",
        "ALTER SCHEMA a RENAME TO b;",
        "ALTER MATERIALIZED VIEW a RENAME TO b;",
        "ALTER FOREIGN TABLE a RENAME TO b;",
        "ALTER FOREIGN TABLE a RENAME b TO c;",
        "ALTER DOMAIN a RENAME TO b;",
        "ALTER SEQUENCE a RENAME TO b;",
    ];
    let refused = "a patch that renames must state its `min-app`".to_owned();
    renames.into_iter().for_each(|text| assert_eq!(one_refused(text), (refused.clone(), 1), "{text}"));
}

#[test]
fn byte_order_marks_make_no_other_patch_however_many() {
    let texts = ["", "\u{feff}", "\u{feff}\u{feff}"].map(|mark| format!("{mark}{STUDY}"));
    let read = texts.map(|text| read(&directory(&[("patch-1-0-0-std.sql", &text)])));
    assert!(read.iter().all(|bundle| bundle.patches()[0].text() == STUDY));
}

#[test]
fn a_file_with_the_version_of_a_locked_patch_is_no_edit_of_it() {
    let locked = directory(&[("patch-1-0-0-std-study.sql", STUDY)]);
    let lock = lock(&locked).to_string();
    // Its name comes before that of the patch.
    let files =
        [("patch-1-0-0-std-study.sql", STUDY), ("patch-1-0-0-std-a.sql", VISIT), (LOCK_FILE, lock.as_str())];
    let duplicate = "version `1.0.0` is claimed by two files".to_owned();
    assert_eq!(refused(&files), [(duplicate, "patch-1-0-0-std-a.sql".to_owned(), 0)]);
    // One that is there alone is the patch itself, with another slug.
    let edited = "patch `1.0.0` was edited after it was locked".to_owned();
    assert_eq!(refused(&files[1..]), [(edited, "patch-1-0-0-std-a.sql".to_owned(), 0)]);
}

#[test]
fn a_file_that_cannot_be_read_hides_no_other_problem() {
    let directory =
        directory(&[("patch-1-0-0-std.sql", STUDY), ("patch-1-2-0-std.sql", "SELEC;"), ("x", "")]);
    write(
        directory.path(),
        &[(LOCK_FILE, &lock_of(&[("patch-1-0-0-std.sql", STUDY), ("patch-1-1-0-std.sql", VISIT)]))],
    );
    std::os::unix::fs::symlink("nowhere", directory.path().join("patch-1-1-0-std.sql")).unwrap();
    fs::write(directory.path().join("patch-1-3-0-std-a\nb.sql"), VISIT).unwrap();
    let error = Bundle::read_with(directory.path(), "db", "clinic", None).unwrap_err();
    let mut messages: Vec<_> = error.iter().map(|error| error.message().to_owned()).collect();
    messages.sort();
    assert_eq!(
        messages,
        [
            "`patch-1-3-0-std-a\u{fffd}b.sql` is not part of a bundle",
            "`x` is not the name of a patch",
            "cannot read `db/patch-1-1-0-std.sql`: No such file or directory (os error 2)",
            "syntax error at or near `SELEC`",
        ]
    );
}

/// The lock file of such a directory.
fn lock_of(files: &[(&str, &str)]) -> String {
    lock(&directory(files)).to_string()
}

#[test]
fn a_manifest_that_no_server_could_follow_is_refused() {
    let check = |manifest: &str, message: &str, line| {
        let messages = refused(&[("bundle.yaml", manifest), ("patch-1-0-0-std.sql", STUDY)]);
        assert_eq!(messages, [(message.to_owned(), "bundle.yaml".to_owned(), line)], "{manifest}");
    };
    let long = "a".repeat(64);
    check(&format!("schema: {long}\n"), &format!("`{long}` is not a valid name for a schema"), 1);
    check("schema: \"a\\0b\"\n", "`a\0b` is not a valid name for a schema", 1);
    check(&format!("trust: [fine, {long}]\n"), &format!("`{long}` is not a valid name for a role"), 1);
    check("trust: owner\n", "a list of roles belongs here", 1);
    check("requires: [audit, clinic]\n", "bundle `clinic` requires itself", 0);
}

#[test]
fn a_line_of_the_lock_file_that_was_not_made_from_its_file_is_found() {
    let directory = directory(&[("patch-1-0-0-std.sql", STUDY)]);
    let mut lock = lock(&directory);
    write(directory.path(), &[(LOCK_FILE, &lock.to_string())]);
    assert!(read(&directory).forged_lock_lines("db").is_none());
    // Another text with its right checksum, beside the tokens of before.
    lock.entries[0].locked.as_mut().unwrap().checksum = Checksum::of(VISIT);
    write(directory.path(), &[(LOCK_FILE, &lock.to_string()), ("patch-1-0-0-std.sql", VISIT)]);
    let error = read(&directory).forged_lock_lines("db").unwrap();
    assert_eq!(
        error.to_string(),
        "the lock file's line of patch `1.0.0` was not made from its file\n  \
           --> db/patch-1-0-0-std.sql\n  \
         note: the checksum of the text is right, and that of the tokens is another one\n  \
         help: restore the file and its line with git: only `cargo migrate lock` writes them"
    );
}

#[test]
fn literals_that_a_formatter_put_on_one_line_are_an_edit() {
    const TWO_LINES: &str = "INSERT INTO study VALUES ('a'\n'b');\n";
    let directory = directory(&[("patch-1-0-0-std.sql", TWO_LINES)]);
    let lock = lock(&directory);
    write(directory.path(), &[(LOCK_FILE, &lock.to_string())]);
    let edit = |text| {
        write(directory.path(), &[("patch-1-0-0-std.sql", text)]);
        Bundle::read(directory.path(), "db").err().map(|error| error.to_string())
    };
    assert_eq!(edit("INSERT INTO study -- cosmetic\n  VALUES ('a'\n\n  'b');\n"), None);
    for text in ["INSERT INTO study VALUES ('a' 'b');\n", "INSERT INTO study VALUES ('ab');\n"] {
        let messages = edit(text).unwrap();
        assert!(messages.contains("patch `1.0.0` was edited after it was locked"), "{messages}");
    }
}

#[test]
fn only_what_is_temporary_is_refused_as_temporary() {
    let check = |sql: &str, word: Option<&str>| {
        let messages = match word {
            Some(word) => vec![format!("`{word}` is not allowed in a concurrent patch")],
            None => Vec::new(),
        };
        let text = format!("SELECT 1;\n{sql}");
        let directory = directory(&[("patch-1-0-0-concurrent.sql", &text)]);
        let error = Bundle::read(directory.path(), "db").err();
        let found: Vec<String> =
            error.iter().flat_map(|error| error.iter()).map(|one| one.message().to_owned()).collect();
        assert_eq!(found, messages, "{sql}");
    };
    for sql in [
        "CREATE /* TEMP */ TABLE t ();",
        "CREATE -- TEMPORARY\n TABLE t ();",
        "CREATE TABLE temp ();",
        "SELECT 1 AS temp INTO t;",
    ] {
        check(sql, None);
    }
    check("CREATE /* a */ TEMP TABLE t ();", Some("CREATE TEMP"));
    check("CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 1;", Some("CREATE OR REPLACE TEMPORARY"));
    check("SELECT 1 AS a INTO TEMP TABLE t;", Some("SELECT INTO TEMP"));
    check("CREATE TABLE pg_temp.t ();", Some("pg_temp"));
    check("CREATE FUNCTION pg_temp . f() RETURNS int LANGUAGE sql AS 'SELECT 1';", Some("pg_temp"));
    // Behind all others it is where functions are looked for last, which makes nothing.
    check("SET search_path = app, pg_temp;", None);
    check("CREATE FUNCTION f() RETURNS int LANGUAGE sql SET search_path = app, pg_temp AS 'SELECT 1';", None);
}

#[test]
fn what_repacks_beside_others_is_refused_in_a_transaction() {
    for (sql, name) in [
        ("REPACK (CONCURRENTLY) study;", "REPACK (CONCURRENTLY)"),
        ("REPACK (VERBOSE, CONCURRENTLY) study USING INDEX i;", "REPACK (CONCURRENTLY)"),
        ("REPACK;", "REPACK"),
    ] {
        let text = format!("SELECT 1;\n{sql}\n");
        let message = format!("`{name}` can't run in a transaction, and a std patch is one");
        assert_eq!(one_refused(&text), (message, 2), "{sql}");
    }
    let fine = "SELECT 1;\nREPACK (CONCURRENTLY) study;\n";
    assert_eq!(read(&directory(&[("patch-1-0-0-concurrent.sql", fine)])).patches().len(), 1);
}

#[test]
fn a_line_of_an_earlier_release_is_no_forgery() {
    // Its release left comments between operator characters out of the sum.
    const TEXT: &str = "SELECT 1 </**/-2;\n";
    const FORMER: &str = "sha256:ea8715fde63e4063347cc2a680ffe6b6374c193e0c70a70812be0a3398773fad";
    let directory = directory(&[("patch-1-0-0-std.sql", TEXT)]);
    let mut lock = lock(&directory);
    let locked = lock.entries[0].locked.as_mut().unwrap();
    assert_ne!(locked.tokens.to_string(), FORMER);
    locked.tokens = FORMER.parse().unwrap();
    write(directory.path(), &[(LOCK_FILE, &lock.to_string())]);
    assert!(read(&directory).forged_lock_lines("db").is_none());
}

#[test]
fn a_file_of_another_tool_is_refused() {
    const GOOSE: &str = "-- +goose Up\nCREATE TABLE a (i int);\n-- +goose Down\nDELETE FROM a;\n";
    let directory = directory(&[("patch-1-0-0-std.sql", GOOSE)]);
    let error = Bundle::read(directory.path(), "db").unwrap_err();
    let found: Vec<_> =
        error.iter().map(|one| (one.message().to_owned(), one.place().unwrap().line())).collect();
    let up = "`+goose Up` is for goose, and has no effect here".to_owned();
    let down = "`+goose Down` is for goose, and has no effect here".to_owned();
    assert_eq!(found, [(up, 1), (down, 3)]);
    assert_eq!(
        error.iter().last().unwrap().advice(),
        Some(
            "the lines below it would run as part of the patch: move them into the way back, a file in this directory \
             whose name ends with `.down.sql`, and remove this line"
        )
    );
    write(
        directory.path(),
        &[("patch-1-0-0-std.sql", "-- migrate:up\nCREATE TABLE a ();\n-- migrate:down\nDROP TABLE a;\n")],
    );
    let error = Bundle::read(directory.path(), "db").unwrap_err();
    assert!(error.iter().all(|one| one.message().contains("is for dbmate")), "{error}");
}
