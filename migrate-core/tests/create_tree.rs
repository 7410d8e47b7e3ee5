//! Create trees: the order of their files, what is refused, and which patches they replace.
#![cfg(feature = "parse")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use embed_migrate_core::{Bundle, LOCK_FILE, LockFile, Version};
use tempfile::TempDir;

const ONE: (&str, &str) = ("patch-1-0-0-std.sql", "CREATE TABLE study (id bigint);\n");
const TWO: (&str, &str) = ("patch-1-1-0-std.sql", "CREATE TABLE visit (id bigint);\n");

fn write(directory: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = directory.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    write(directory.path(), &[ONE, TWO]);
    write(directory.path(), files);
    directory
}

fn read(directory: &TempDir) -> Bundle {
    Bundle::read_with(directory.path(), "migrations", "clinic", None).unwrap()
}

/// Locks all of it.
fn lock(directory: &TempDir) {
    let lock = LockFile::of(&read(directory)).unwrap().to_string();
    fs::write(directory.path().join(LOCK_FILE), lock).unwrap();
}

/// Up to where the tree stands for patches, and whether it is a draft.
fn version_and_draft(directory: &TempDir) -> (Version, bool) {
    let bundle = read(directory);
    let tree = bundle.create_tree().unwrap();
    (tree.version(), tree.is_draft())
}

fn check(files: &[(&str, &str)], expect: &[&str]) {
    let directory = directory(files);
    match Bundle::read_with(directory.path(), "migrations", "clinic", None) {
        Ok(bundle) => {
            let tree = bundle.create_tree().unwrap();
            let files: Vec<_> = tree.files().iter().map(|(path, _)| path.as_ref()).collect();
            assert_eq!(files, expect);
        }
        Err(error) => {
            let place = |error: &embed_migrate_core::Error| {
                error.place().map_or(String::new(), |at| at.path().to_owned())
            };
            let problems: Vec<_> =
                error.split().iter().map(|error| format!("{}: {}", place(error), error.message())).collect();
            assert_eq!(problems, expect);
        }
    }
}

#[test]
fn files_run_in_the_order_of_their_directories_and_of_order_json() {
    check(
        &[
            ("create/10-views/order.json", r#"{"2": "a.sql", "10": "c.sql", "1": "b.sql"}"#),
            ("create/10-views/a.sql", "SELECT 1;"),
            ("create/10-views/b.sql", "SELECT 2;"),
            ("create/10-views/c.sql", "SELECT 3;"),
            ("create/2-tables/z.sql", "SELECT 4;"),
            ("create/2-tables/y.sql", "SELECT 5;"),
            ("create/2-tables/README.md", "who is who"),
            ("create/README.md", "what is what"),
        ],
        &[
            "create/2-tables/y.sql",
            "create/2-tables/z.sql",
            "create/10-views/b.sql",
            "create/10-views/a.sql",
            "create/10-views/c.sql",
        ],
    );
}

#[test]
fn what_is_misplaced_unnamed_or_named_twice_is_refused_all_at_once() {
    check(
        &[
            ("create/all.sql", "SELECT 1;"),
            ("create/tables/all.sql", "SELECT 1;"),
            ("create/1-tables/deep/all.sql", "SELECT 1;"),
            ("create/1-tables/notes.txt", "notes"),
            ("create/2-views/a.sql", "SELECT 1;"),
            ("create/2-views/b.sql", "SELECT 1;"),
            ("create/2-views/order.json", r#"{"1": "a.sql", "01": "gone.sql", "x": "a.sql"}"#),
            ("create/2-rules/a.sql", "SELECT 1;"),
        ],
        &[
            "migrations/create/all.sql: `create/all.sql` is not part of a create tree",
            "migrations/create/tables/all.sql: `create/tables/all.sql` is not part of a create tree",
            "migrations/create: `create/2-rules` and `create/2-views` have the same number",
            "migrations/create/1-tables/deep/all.sql: `create/1-tables/deep/all.sql` is not part of a create tree",
            "migrations/create/1-tables/notes.txt: `create/1-tables/notes.txt` is not part of a create tree",
            "migrations/create/2-views/order.json: the number 1 is here twice",
            "migrations/create/2-views/order.json: `x` is not a number",
            "migrations/create/2-views/order.json: `b.sql` has no place in the order",
        ],
    );
    check(
        &[("create/1-a/a.sql", "SELECT 1;"), ("create/1-a/order.json", "{\"1\": \"a.sql\", \"1\": 7}")],
        &["migrations/create/1-a/order.json: the key `1` is given twice"],
    );
    check(
        &[("create/1-a/a.sql", "SELECT 1;"), ("create/1-a/order.json", "[\"a.sql\"]")],
        &["migrations/create/1-a/order.json: a mapping belongs here, not a list"],
    );
}

#[test]
fn its_sql_keeps_to_the_rules_of_a_patch() {
    check(
        &[
            ("create/1-tables/a.sql", "COMMIT;\nCREATE TABLE (;"),
            ("create/1-tables/b.sql", "CREATE INDEX CONCURRENTLY i ON study (id);"),
            ("create/1-tables/c.sql", "-- migrate: lock-timeout 2s\nSELECT 1;"),
            // Nobody waits for a table that is new.
            ("create/1-tables/d.sql", "CREATE INDEX i ON study (id);\nALTER TABLE study DROP COLUMN id;"),
        ],
        &[
            "migrations/create/1-tables/a.sql: syntax error at or near `(`",
            "migrations/create/1-tables/a.sql: `COMMIT` is not allowed in a patch",
            "migrations/create/1-tables/b.sql: `CREATE INDEX CONCURRENTLY` can't run in a transaction, and a std patch is one",
            "migrations/create/1-tables/c.sql: a file of a create tree takes no directives",
        ],
    );
}

#[test]
fn a_tree_stands_for_the_patches_that_it_was_locked_with() {
    let tree =
        ("create/1-tables/all.sql", "CREATE TABLE study (id bigint);\nCREATE TABLE visit (id bigint);\n");
    let directory = directory(&[tree]);
    assert_eq!(version_and_draft(&directory), (Version::new(1, 1, 0), true));
    lock(&directory);
    assert_eq!(version_and_draft(&directory), (Version::new(1, 1, 0), false));
    // A later patch comes on top of it.
    write(directory.path(), &[("patch-1-2-0-std.sql", "CREATE TABLE site (id bigint);\n")]);
    assert_eq!(version_and_draft(&directory), (Version::new(1, 1, 0), false));
    lock(&directory);
    assert_eq!(version_and_draft(&directory), (Version::new(1, 1, 0), false));
    // One that is none of those that it stood for, and would be taken for one.
    write(directory.path(), &[("patch-1-0-1-std.sql", "ALTER TABLE study ADD title text;\n")]);
    assert_eq!(version_and_draft(&directory), (Version::new(1, 2, 0), true));
    fs::remove_file(directory.path().join("patch-1-0-1-std.sql")).unwrap();
    assert_eq!(version_and_draft(&directory), (Version::new(1, 1, 0), false));
    // Whoever edits it means where the bundle is now.
    write(directory.path(), &[("create/1-tables/b.sql", "CREATE TABLE site (id bigint);\n")]);
    assert_eq!(version_and_draft(&directory), (Version::new(1, 2, 0), true));
    lock(&directory);
    assert_eq!(version_and_draft(&directory), (Version::new(1, 2, 0), false));
    let text = fs::read_to_string(directory.path().join(LOCK_FILE)).unwrap();
    assert!(text.contains("\ncreate 1.2.0 sha256:"), "{text}");
    assert_eq!(LockFile::parse(LOCK_FILE, &text).unwrap().to_string(), text);
}

#[test]
fn a_tree_needs_patches_and_is_not_older_than_the_baseline() {
    let alone = TempDir::new().unwrap();
    write(alone.path(), &[("create/1-tables/all.sql", "SELECT 1;")]);
    let error = Bundle::read(alone.path(), "clinic").unwrap_err();
    assert_eq!(error.message(), "a create tree replaces patches, and there are none");

    let directory = directory(&[("create/1-tables/all.sql", "SELECT 1;")]);
    lock(&directory);
    write(directory.path(), &[("patch-1-2-0-std.sql", "CREATE TABLE site (id bigint);\n")]);
    write(directory.path(), &[("baseline-1-2-0.sql", "SELECT 1;")]);
    let error = Bundle::read(directory.path(), "clinic").unwrap_err();
    assert_eq!(error.message(), "the create tree ends at `1.1.0`, before the baseline");
    // Edited, it stands for where the bundle is.
    write(directory.path(), &[("create/1-tables/all.sql", "SELECT 2;")]);
    assert_eq!(version_and_draft(&directory), (Version::new(1, 2, 0), true));
}

#[cfg(feature = "dir")]
#[test]
fn an_embedded_directory_has_the_same_tree() {
    static DIRECTORY: include_dir::Dir<'static> =
        include_dir::include_dir!("$CARGO_MANIFEST_DIR/../tests/tests/bundles/created");
    let embedded = Bundle::from_dir(&DIRECTORY, "created").unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/tests/bundles/created");
    assert_eq!(embedded.create_tree(), Bundle::read(path, "created").unwrap().create_tree());
    assert!(embedded.create_tree().is_some());
}
