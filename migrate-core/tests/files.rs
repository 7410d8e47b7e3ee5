//! Which files may be beside patches, and what patches may contain.
#![cfg(feature = "parse")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod support;

use std::fs;

use embed_migrate_core::{Bundle, Isolation, Kind, LOCK_FILE, LockFile, Version};
use support::{directory, write};
use tempfile::TempDir;

const UP: &str = "00001-study.sql";
const DOWN: &str = "00001-study.down.sql";
const STUDY: &str = "CREATE TABLE study (id bigint);\n";

fn read(directory: &TempDir) -> Bundle {
    Bundle::read_with(directory.path(), "migrations", "clinic", None).unwrap()
}

/// All that is wrong with a directory, as it is told.
fn refused(directory: &TempDir) -> Vec<String> {
    let error = Bundle::read_with(directory.path(), "migrations", "clinic", None).unwrap_err();
    error.split().iter().map(ToString::to_string).collect()
}

fn lock(directory: &TempDir) {
    write(directory.path(), &[(LOCK_FILE, &LockFile::of(&read(directory)).unwrap().to_string())]);
}

/// A directory with one patch, which is locked.
fn locked(text: &str) -> TempDir {
    let directory = directory(&[(UP, text)]);
    lock(&directory);
    directory
}

const LEFT: [&str; 12] = [
    "00001-study.sql~",
    "#00001-study.sql#",
    ".#00001-study.sql",
    "00001-study.sql.orig",
    "00001-study.sql.rej",
    "00001-study.sql.swp",
    "00001-study.sql.bak",
    "00001-study_REMOTE_4711.sql",
    "00001-study.sql~HEAD",
    "migrations.lock.orig",
    "Thumbs.db",
    "desktop.ini",
];

#[test]
fn what_editors_and_merge_tools_leave_stops_nothing() {
    let directory = directory(&[
        (UP, STUDY),
        ("create/1-tables/study.sql", STUDY),
        ("create/1-tables/order.json", "{\"1\": \"study.sql\"}"),
    ]);
    let before = read(&directory);
    let before =
        before.with(|parts| parts.directory = Some(directory.path().to_str().unwrap().to_owned().into()));
    for name in LEFT {
        write(directory.path(), &[(name, "no SQL"), ("create/Thumbs.db", "no SQL")]);
    }
    for name in ["study.sql~", "study.sql.orig", "study_BASE_4711.sql", "order.json.bak", "Thumbs.db"] {
        write(directory.path(), &[(&format!("create/1-tables/{name}"), "no SQL")]);
    }
    fs::create_dir(directory.path().join("__MACOSX")).unwrap();
    let after = read(&directory);
    assert_eq!((after.patches(), &after.create_tree()), (before.patches(), &before.create_tree()));
    assert_eq!(before.changed_since_build().map(|error| error.to_string()), None);
}

#[test]
fn a_patch_is_never_taken_for_something_left_over() {
    for name in
        ["00001-study.orig.sql", "00001-study (1).sql", "00001-study.sql.txt", "00001-study_BASE_4711.SQL"]
    {
        let directory = directory(&[(name, STUDY)]);
        let messages = refused(&directory);
        assert!(messages[0].starts_with(&format!("`{name}` is not the name of a patch")), "{messages:?}");
    }
    // Of no other file it is a side of.
    let directory = directory(&[("00001-study_BASE_4711.sql", STUDY)]);
    assert_eq!(read(&directory).patches().len(), 1);
    // What is locked and called otherwise is gone.
    let directory = locked(STUDY);
    fs::rename(directory.path().join(UP), directory.path().join("00001-study.sql.bak")).unwrap();
    assert_eq!(
        refused(&directory),
        [
            "the file of patch `1.0.0` is gone\n  --> migrations/migrations.lock\n  note: it was `00001-study.sql`\n  \
          help: restore it with git: a patch that was applied somewhere must stay"
        ]
    );
}

#[test]
fn lines_that_end_with_a_carriage_return_are_lines() {
    let text =
        "\u{feff}-- Studies.\r-- migrate: lock-timeout 500ms\rCREATE TABLE study (id bigint);\r\rSELECT 1;\r";
    let directory = directory(&[(UP, text)]);
    let bundle = read(&directory);
    assert_eq!(bundle.patches()[0].text(), text.trim_start_matches('\u{feff}').replace('\r', "\n"));
    assert_eq!(bundle.patches()[0].directives().unwrap().lock_timeout.unwrap().milliseconds(), 500);
    write(directory.path(), &[(UP, "SELECT 1;\r-- a\rDROP TABL study;\r")]);
    assert_eq!(
        refused(&directory),
        [
            "syntax error at or near `TABL`\n  --> migrations/00001-study.sql:3:6\n   |\n 3 | DROP TABL study;\n   |      ^\n  \
          note: expected a command, such as `CREATE TABLE` or `INSERT`"
        ]
    );
}

#[test]
fn a_dump_is_a_baseline_whatever_its_key() {
    let dump = |key: &str| {
        format!(
            "--\n-- PostgreSQL database dump\n--\n\n\\restrict {key}\n\nSET lock_timeout = 0;\n{STUDY}\n\\unrestrict {key}\n\n"
        )
    };
    let directory = directory(&[("baseline-1-0-0.sql", &dump("k5XHe"))]);
    lock(&directory);
    let bundle = read(&directory);
    let baseline = bundle.baseline().unwrap();
    assert_eq!(baseline.text(), dump("").replace("\\restrict ", "").replace("\\unrestrict ", ""));
    // Each dump has a key of its own: another one is no edit.
    write(directory.path(), &[("baseline-1-0-0.sql", &dump("9e1aB"))]);
    assert_eq!(read(&directory).baseline().unwrap().tokens(), baseline.tokens());
    write(directory.path(), &[("baseline-1-0-0.sql", &format!("{}\\connect other\n", dump("9e1aB")))]);
    fs::remove_file(directory.path().join(LOCK_FILE)).unwrap();
    let messages = refused(&directory);
    assert!(
        messages[0].starts_with("psql commands are not SQL\n   --> migrations/baseline-1-0-0.sql:12:1"),
        "{messages:?}"
    );
}

#[test]
fn rows_of_a_dump_are_refused_with_the_option_that_writes_statements() {
    let text = "COPY public.study (id) FROM stdin;\n1\tit's\n\\.\n\nSELECT 1;\n";
    let messages = refused(&directory(&[("baseline-1-0-0.sql", text)]));
    assert_eq!(
        messages,
        ["`COPY FROM STDIN` is not allowed in a patch\n  --> migrations/baseline-1-0-0.sql:1:29\n   |\n\
          \x201 | COPY public.study (id) FROM stdin;\n   |                             ^\n  \
          help: rows can't be sent with a patch: use INSERT; `pg_dump --inserts` writes it"]
    );
}

#[test]
fn a_patch_that_is_to_do_nothing_says_so() {
    for text in ["", "-- to be written\n", ";;\n"] {
        let messages = refused(&directory(&[(UP, text)]));
        let end = "\n  help: write the statement, or remove the file\n        \
                   or, if this version must do nothing, say so: `-- migrate: empty: why`";
        assert!(
            messages[0].starts_with("the patch has no statement\n") && messages[0].ends_with(end),
            "{messages:?}"
        );
    }
    for file in [UP, "00001-study.concurrent.sql"] {
        let directory = directory(&[(file, "-- migrate: empty: 1 was withdrawn before it was released\n")]);
        lock(&directory);
        assert_eq!(read(&directory).patches()[0].outline().statements().count(), 0);
    }
    assert_eq!(
        refused(&directory(&[(UP, "-- migrate: empty: why\nSELECT 1;\n")])),
        [
            "a patch with a statement has the directive `empty`\n  --> migrations/00001-study.sql:2:1\n   |\n 2 | SELECT 1;\n   | ^\n  \
          help: remove the directive, or the statement"
        ]
    );
}

#[test]
fn a_way_back_without_a_statement_undoes_nothing() {
    for text in ["-- There is nothing to undo.\n", "/* nothing */", "", ";\n"] {
        assert_eq!(read(&directory(&[(UP, STUDY), (DOWN, text)])).downs().len(), 1, "{text:?}");
    }
    let messages = refused(&directory(&[(UP, STUDY), (DOWN, "/* nothing\n")]));
    assert_eq!(messages.len(), 1);
    assert!(messages[0].starts_with("missing trailing `*/` symbols"), "{messages:?}");
}

#[test]
fn a_way_back_may_be_of_another_kind_than_its_patch() {
    const BACK: &str = "DROP INDEX CONCURRENTLY study_id;\n";
    let up = "-- migrate: allow index-not-concurrent: it is small\nCREATE INDEX study_id ON study (id);\n";
    let directory = directory(&[(UP, STUDY), ("00002-index.sql", up), ("00002-index.down.sql", BACK)]);
    let messages = refused(&directory);
    assert!(
        messages[0]
            .starts_with("`DROP INDEX CONCURRENTLY` can't run in a transaction, and a std patch is one"),
        "{messages:?}"
    );
    write(directory.path(), &[("00002-index.down.sql", &format!("-- migrate: kind concurrent\n{BACK}"))]);
    let bundle = read(&directory);
    let down = bundle.down(Version::new(2, 0, 0)).unwrap();
    assert_eq!((down.kind(), down.outline().statements().count()), (Kind::Concurrent, 1));
    // It keeps to the rules of that kind.
    let twice = format!("-- migrate: kind concurrent\n{BACK}SET LOCAL lock_timeout = 0;\n");
    write(directory.path(), &[("00002-index.down.sql", &twice)]);
    let messages = refused(&directory);
    assert!(messages[0].starts_with("`SET LOCAL` is not allowed in a concurrent patch"), "{messages:?}");
    write(directory.path(), &[("00002-index.down.sql", "-- migrate: kind quick\nSELECT 1;\n")]);
    assert!(refused(&directory)[0].starts_with("`quick` is not a kind of patch"));
}

#[test]
fn the_kind_of_a_patch_stands_in_its_name() {
    for file in [UP, "baseline-1-0-0.sql"] {
        let text = "-- migrate: kind concurrent\nSELECT 1;\n";
        let messages = refused(&directory(&[(file, text)]));
        assert_eq!(
            messages,
            [format!(
                "only a way back may have another kind than that in its name\n  --> migrations/{file}:1:4\n   |\n\
          \x201 | -- migrate: kind concurrent\n   |    ^\n  \
                 help: name the file by its kind: `patch-1-0-0-concurrent.sql`, or `00001-study.concurrent.sql`"
            )]
        );
    }
}

#[test]
fn an_isolation_level_goes_with_a_transaction() {
    let with =
        |level: &str| format!("-- migrate: isolation {level}\nUPDATE study SET id = id WHERE id = 1;\n");
    for (level, read_as) in [
        ("serializable", Isolation::Serializable),
        ("REPEATABLE  READ", Isolation::RepeatableRead),
        ("read committed", Isolation::ReadCommitted),
    ] {
        let directory = directory(&[(UP, STUDY), ("00002-fill.sql", &with(level))]);
        let bundle = read(&directory);
        let directives = bundle.patches()[1].directives().unwrap();
        assert_eq!(directives.isolation, Some(read_as), "{level}");
    }
    assert_eq!(
        refused(&directory(&[(UP, &with("snapshot"))])),
        [
            "`snapshot` is not an isolation level\n  --> migrations/00001-study.sql:1:4\n   |\n 1 | -- migrate: isolation snapshot\n   |    ^\n  \
          help: the levels are `read committed`, which is the default, `repeatable read` and `serializable`"
        ]
    );
    assert_eq!(
        refused(&directory(&[("00001-fill.concurrent.sql", &with("serializable"))])),
        [
            "a concurrent patch takes no isolation level\n  --> migrations/00001-fill.concurrent.sql:1:4\n   |\n\
          \x201 | -- migrate: isolation serializable\n   |    ^\n  \
          help: each of its statements is a transaction of its own, or runs in none: put the statements that need the level into a `std` patch"
        ]
    );
    let frozen = "# migrate: isolation serializable\ntable: study\n";
    assert_eq!(read(&directory(&[("00001-study.yaml", frozen)])).patches().len(), 1);
    let messages = refused(&directory(&[(
        "00001-study.yaml",
        "# migrate: kind std\n# migrate: empty: why\ntable: study\n",
    )]));
    let first: Vec<&str> = messages.iter().map(|messages| messages.lines().next().unwrap()).collect();
    assert_eq!(
        first,
        [
            "`kind` has no effect in a patch whose body is facts",
            "`empty` has no effect in a patch whose body is facts"
        ]
    );
}

#[test]
fn a_locked_patch_that_a_formatter_broke_shows_what_broke() {
    let directory = locked("INSERT INTO study\nVALUES ('a'\n'b');\n");
    write(directory.path(), &[(UP, "INSERT INTO study VALUES ('a' 'b');\n")]);
    let messages = refused(&directory);
    assert_eq!(
        messages,
        [
            "patch `1.0.0` was edited after it was locked\n  --> migrations/00001-study.sql\n  \
             note: the text does not parse any more\n  \
             help: restore the file with git, and put the change into a new patch (`cargo migrate new`)",
            "syntax error at or near `'b'`\n  --> migrations/00001-study.sql:1:31\n   |\n 1 | INSERT INTO study VALUES ('a' 'b');\n   |                               ^\n  \
             help: two literals are joined only if there is a line end between them",
        ]
    );
    // A comment that swallows what followed it is an edit as well.
    let directory = locked("SELECT 1 -- one\n, 2;\n");
    write(directory.path(), &[(UP, "SELECT 1 -- one , 2;\n")]);
    assert!(refused(&directory)[0].starts_with("patch `1.0.0` was edited after it was locked"));
}

#[test]
fn a_way_back_may_be_called_so_as_other_tools_do() {
    let marks =
        "-- +goose Down\n-- Down Migration\n-- //@UNDO\n--rollback DROP TABLE study;\nDROP TABLE study;\n";
    let directory = directory(&[(UP, STUDY), (DOWN, marks)]);
    assert_eq!(read(&directory).downs().len(), 1);
    let other = "-- +goose Up\n-- no-transaction\nDROP TABLE study;\n";
    write(directory.path(), &[(DOWN, other)]);
    assert_eq!(
        refused(&directory),
        [
            "`+goose Up` is for goose, and has no effect here\n  --> migrations/00001-study.down.sql:1:1\n   |\n 1 | -- +goose Up\n   | ^\n  \
             help: remove the line: the file is the way back of one patch, and has nothing else in it",
            "`no-transaction` is for sqlx and others, and has no effect here\n  --> migrations/00001-study.down.sql:2:1\n   |\n\
          \x202 | -- no-transaction\n   | ^\n  help: use a directive at the top: `-- migrate: kind concurrent`",
        ]
    );
    // It is locked with its patch: what was accepted then stays so.
    write(directory.path(), &[(DOWN, "DROP TABLE study;\n")]);
    lock(&directory);
    write(directory.path(), &[(DOWN, other)]);
    assert_eq!(read(&directory).downs().len(), 1);
}

#[test]
fn a_create_tree_is_no_file_of_another_tool() {
    let tree = "create/1-tables/study.sql";
    let directory = directory(&[(UP, STUDY), (tree, STUDY)]);
    lock(&directory);
    assert!(!read(&directory).create_tree().unwrap().is_draft());
    let goose = format!("-- +goose Up\n{STUDY}-- +goose Down\nDROP TABLE study;\n");
    write(directory.path(), &[(tree, &goose)]);
    let place = format!("migrations/{tree}");
    assert_eq!(
        refused(&directory),
        [
            format!(
                "`+goose Up` is for goose, and has no effect here\n  --> {place}:1:1\n   |\n 1 | -- +goose Up\n   | ^\n  help: remove the line"
            ),
            format!(
                "`+goose Down` is for goose, and has no effect here\n  --> {place}:3:1\n   |\n 3 | -- +goose Down\n   | ^\n  \
                 help: the lines below it would run as well, and do not belong here: remove them and this line"
            ),
        ]
    );
}

#[test]
fn csv_that_other_readers_read_is_read_and_reported() {
    let facts = "- table: study\n  with:\n  - {column: code, type: text}\n  - {column: title, type: text}\n  - identity: [code]\n\
                 - data: deploy/study.csv\n- of: study\n  data: |\n    code,title\n    c,\"d\" e\n";
    let csv = "code,title\na,\"the \\\"old\\\" one\"\n";
    let directory = directory(&[("deploy.yaml", facts), ("deploy/study.csv", csv)]);
    let read =
        |directory: &TempDir| Bundle::read_warned(directory.path(), "migrations", "clinic", None).unwrap().1;
    let help = "help: a double quote inside a quoted cell is written twice: `\"a \"\"word\"\"\"`";
    assert_eq!(
        read(&directory).iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            format!(
                "text after a quoted cell was read as part of the cell\n  --> migrations/deploy/study.csv:2:10\n   |\n \
                 2 | a,\"the \\\"old\\\" one\"\n   |          ^\n  {help}"
            ),
            format!(
                "text after a quoted cell was read as part of the cell\n   --> migrations/deploy.yaml:10:10\n    |\n \
                 10 |     c,\"d\" e\n    |          ^\n  {help}"
            ),
        ]
    );
    // What swallows all rows behind it is refused.
    write(directory.path(), &[("deploy/study.csv", "code,title\na,\"the old one\nb,c\n")]);
    assert!(
        refused(&directory)[0]
            .starts_with("a quoted cell has no end\n  --> migrations/deploy/study.csv:2:1\n")
    );
    write(
        directory.path(),
        &[
            ("deploy/study.csv", "code,title\na,\"the \"\"old\"\" one\"\n"),
            ("deploy.yaml", &facts.replace("\" e", "\"")),
        ],
    );
    assert!(read(&directory).is_empty());
}

#[test]
fn what_facts_of_patches_before_say_is_known() {
    const FROZEN: &str = "- table: study\n  with:\n  - {column: code, type: varchar(20)}\n  - {column: size, type: integer-int4}\n  \
                          - {column: mood, type: [sad, ok]}\n  - identity: [code]\n";
    let hazards = |files: &[(&str, &str)]| match Bundle::read(directory(files).path(), "clinic") {
        Ok(_) => Vec::new(),
        Err(error) => error.iter().map(|error| error.message().to_owned()).collect::<Vec<_>>(),
    };
    let retype = |kind: &str| format!("-- migrate: min-app any\nALTER TABLE study ALTER {kind};\n");
    let after = |kind: &str| hazards(&[("00001-study.yaml", FROZEN), ("00002-type.sql", &retype(kind))]);
    for alike in ["code TYPE text", "code TYPE varchar(30)", "size TYPE int", "mood TYPE study_mood_enum"] {
        assert_eq!(after(alike), [""; 0], "{alike}");
    }
    for other in ["code TYPE varchar(10)", "size TYPE bigint", "mood TYPE text", "id TYPE text"] {
        assert_eq!(after(other).len(), 1, "{other}");
    }
    // What `deploy.yaml` says holds where the patches end, after this one.
    let declared = [("deploy.yaml", FROZEN), ("00001-type.sql", &retype("code TYPE varchar(20)"))];
    assert_eq!(hazards(&declared).len(), 1);

    // A later revision of the table, in another schema and by another name.
    let moved = "- table: trial\n  was: study\n  with:\n  - {column: name, was: code, type: text}\n  - identity: [name]\n";
    let files = [
        ("00001-a.yaml", FROZEN),
        ("00002-b.yaml", moved),
        ("00003-c.sql", "-- migrate: min-app any\nALTER TABLE trial ALTER name TYPE varchar;\n"),
    ];
    assert_eq!(hazards(&files), [""; 0]);

    // Domains.
    let domain = "sql: CREATE DOMAIN short AS text CHECK (length(VALUE) < 9)\nunless: SELECT true\n";
    let add = "ALTER TABLE study ADD s short;\n";
    for file in ["00001-domain.yaml", "deploy.yaml"] {
        let files = [(file, domain), ("00002-add.sql", add)];
        let files: Vec<(&str, &str)> = match file {
            "deploy.yaml" => vec![(file, domain), ("00001-add.sql", add)],
            _ => files.to_vec(),
        };
        let messages = hazards(&files);
        assert_eq!(messages.len(), 1, "{file}: {messages:?}");
        assert!(messages[0].contains("`study`"), "{messages:?}");
    }
}
