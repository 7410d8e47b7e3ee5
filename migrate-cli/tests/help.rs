//! The help texts name everything that can be asked for, and the exit codes.

mod support;

use support::Place;

#[test]
fn help_goes_to_stdout_and_shows_the_exit_codes() {
    let place = Place::new();
    for (command, parts) in [
        ("", &["Usage: cargo migrate", "new", "lock", "check", "status", "up", "DATABASE_URL"][..]),
        ("new ", &["--kind", "--major", "--hotfix-of", "--scheme", "--dir"]),
        ("lock ", &["--accept", "--reason", "--rename", "--dir"]),
        ("check ", &["--locked", "--dir"]),
        (
            "status ",
            &[
                "--exit-code",
                "--format",
                "--history-schema",
                "--role",
                "--trust",
                "--new-history",
                "--database-url",
                "--name",
            ],
        ),
        (
            "drift ",
            &["--format", "--history-schema", "--role", "--trust", "--new-history", "drift (`drift`)"],
        ),
        ("database ", &["list", "exists", "create", "drop", "clone", "rename", "overwrite", "restrict"]),
        (
            "database create ",
            &["--owner", "--template", "--encoding", "--locale", "--collation", "--restricted"],
        ),
        (
            "user ",
            &[
                "list",
                "show",
                "create",
                "password",
                "rename",
                "hosts",
                "grant",
                "revoke",
                "superuser",
                "drop",
            ],
        ),
        ("user create ", &["--password-stdin", "--password-env", "--database", "--host", "--superuser"]),
        ("user drop ", &["--yes", "--reassign-to", "--end-sessions"]),
        (
            "up ",
            &[
                "--to",
                "--dry-run",
                "--lock-wait",
                "--lock-timeout",
                "--history-schema",
                "--role",
                "--trust",
                "--new-history",
            ],
        ),
    ] {
        let ran = place.run(&format!("{command}--help")).ok();
        assert_eq!(ran.stderr, "");
        for part in parts.iter().chain(&["Exit codes:", "3  patches or facts are pending"]) {
            assert!(ran.stdout.contains(part), "{command}: {part}\n{}", ran.stdout);
        }
        assert!(!ran.stdout.contains('\u{1b}'));
    }
}

#[test]
fn what_is_not_understood_ends_with_2() {
    let place = Place::new();
    for arguments in [
        "frobnicate",
        "new",
        "new a --kind sdt",
        "new a --major --hotfix-of 1.0.0",
        "up --lock-wait 5",
        "up --to 1.x",
        "status --format xml",
    ] {
        let ran = place.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments}: {ran:#?}");
        assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
    }
}

#[test]
fn a_connection_string_that_is_not_understood_is_quoted_without_its_password() {
    let place = Place::new();
    let url = "postgresql://ann:hunter2@localhost/demo";
    for words in [
        &["status", url][..],
        &["status", "--format", url],
        &["up", "host=localhost password=hunter2"],
        &["user", "create", "ann", "password=hunter2"],
        &["--topology", url, "status"],
        &["status", "--node", url],
    ] {
        let ran = place.run_words(words);
        assert!(ran.code == 2 || ran.code == 1, "{ran:?}");
        assert!(!format!("{ran:?}").contains("hunter2"), "{ran:?}");
    }
    let ran = place.run_words(&["status", url]);
    assert!(
        ran.stderr.contains("unexpected argument 'postgresql://ann:***@localhost/demo' found"),
        "{ran:?}"
    );
}
