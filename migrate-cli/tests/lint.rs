//! The lint on the command line: a draft is refused, what is locked stays.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use support::Place;

const ONE: &str = "migrations/patch-1-0-0-std.sql";
const TWO: &str = "migrations/patch-1-1-0-std.sql";
const MANIFEST: &str = "migrations/bundle.yaml";

const HAZARD: &str = "nobody can write to `one` while the index is built
  --> migrations/patch-1-1-0-std.sql:1:1
   |
 1 | CREATE INDEX one_id ON one (id);
   | ^^^^^^
  note: it takes SHARE on the table, to the end of the transaction
  help: build it in a patch of kind `concurrent`:
          CREATE INDEX CONCURRENTLY one_id ON one (id);
        on a partitioned table: first `ON ONLY one`, then one on each partition, then ALTER INDEX … ATTACH PARTITION
        or permit it, with the reason: `-- migrate: allow index-not-concurrent: …`";

fn place() -> Place {
    let place = Place::new();
    place.write(ONE, "CREATE TABLE one (id integer);\n");
    place.write(TWO, "CREATE INDEX one_id ON one (id);\n");
    place
}

/// The patches locked, as if there had been no such rule then.
fn locked() -> Place {
    let place = place();
    place.write(MANIFEST, "lint: { index-not-concurrent: off }\n");
    place.run("lock").ok();
    std::fs::remove_file(place.path(MANIFEST)).unwrap();
    place
}

#[test]
fn a_draft_with_a_hazard_is_neither_checked_nor_locked() {
    let place = place();
    place.run("check").refused(&format!("error: {HAZARD}"));
    place.run("lock").refused(&format!("error: {HAZARD}"));
    assert!(!place.path("migrations/migrations.lock").exists());
    place.write(
        TWO,
        "-- migrate: allow index-not-concurrent: it is small\nCREATE INDEX one_id ON one (id);\n",
    );
    assert_eq!(place.run("check").ok().stderr, "");
    place.run("lock").ok();
    place.run("check --locked").ok();
}

#[test]
fn a_rule_may_be_off_or_warn() {
    let place = place();
    place.write(MANIFEST, "lint:\n  index-not-concurrent: off\n");
    assert_eq!(place.run("check").ok().stderr, "");
    place.write(MANIFEST, "lint:\n  index-not-concurrent: warn\n");
    let ran = place.run("check").ok();
    assert_eq!(ran.stderr, format!("warning: {HAZARD}\n\n"));
    assert_eq!(ran.stdout, "migrations: no problems; patches: 2, drafts: 2, the last is 1.1.0\n");
    // The last time that somebody looks.
    let ran = place.run("lock").ok();
    assert!(ran.stderr.starts_with(&format!("warning: {HAZARD}\n\n")), "{ran:#?}");
    assert!(!place.run("lock").ok().stderr.contains("warning"));
    std::fs::remove_file(place.path("migrations/migrations.lock")).unwrap();
    place.write(MANIFEST, "lint:\n  index-not-concurrent: refuse\n");
    place.run("check").refused(&format!("error: {HAZARD}"));
    place.write(MANIFEST, "lint:\n  index-not-concurent: off\n");
    place.run("check").refused(
        "error: `index-not-concurent` is not a rule of the lint
  --> migrations/bundle.yaml:2:3
   |
 2 |   index-not-concurent: off
   |   ^^^^^^^^^^^^^^^^^^^
  help: did you mean `index-not-concurrent`?",
    );
}

#[test]
fn a_locked_patch_is_not_refused_by_a_rule_that_came_later() {
    let place = locked();
    for command in ["check", "check --locked", "lock"] {
        let ran = place.run(command).ok();
        assert!(!ran.stderr.contains("nobody"), "{ran:#?}");
    }
    let ran = place.run("check --all").ok();
    assert_eq!(ran.stderr, format!("hazard, locked: {HAZARD}\n\n"));
    place.write("migrations/patch-1-2-0-std.sql", "CREATE TABLE two ();\n");
    place.run("lock").ok();
    place.write(TWO, "CREATE INDEX one_id ON public.one (id);\n");
    place.run_words(&["lock", "--accept", "1.1.0", "--reason", "it is in public"]).ok();
    place.run("check --locked").ok();
}

#[test]
fn an_allowance_of_nothing_is_reported_while_it_may_go() {
    let place = Place::new();
    place.write(ONE, "-- migrate: allow truncate: it was a cache\nCREATE TABLE one (id integer);\n");
    let ran = place.run("check").ok();
    assert_eq!(
        ran.stderr,
        "note: `allow truncate` allows nothing: the patch does no such thing
  --> migrations/patch-1-0-0-std.sql:1:4
   |
 1 | -- migrate: allow truncate: it was a cache
   |    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  help: remove the directive while the patch is a draft\n\n"
    );
    place.run("lock").ok();
    assert_eq!(place.run("check --all").ok().stderr, "");
}

#[test]
fn a_check_in_an_earlier_patch_proves_what_a_later_one_needs() {
    let place = Place::new();
    place.write(ONE, "ALTER TABLE one ADD CONSTRAINT c CHECK (id IS NOT NULL) NOT VALID;\n");
    place.write("migrations/patch-1-2-0-std.sql", "ALTER TABLE one ALTER COLUMN id SET NOT NULL;\n");
    place.write(TWO, "ALTER TABLE one ADD other text;\n");
    assert!(
        place
            .run("check")
            .stderr
            .starts_with("error: nobody can read or write `one` while all of its rows are read")
    );
    place.write(TWO, "ALTER TABLE one VALIDATE CONSTRAINT c;\n");
    place.run("check").ok();
}

#[test]
fn csv_that_is_read_with_a_warning_stops_nothing() {
    let place = Place::new();
    let facts = "- table: study\n  with: [{column: code, type: text}, {identity: [code]}]\n- {data: deploy/study.csv}\n";
    place.write("migrations/deploy.yaml", facts);
    place.write("migrations/deploy/study.csv", "code\n\"a\\\"b\"\n");
    let warning = "warning: text after a quoted cell was read as part of the cell
  --> migrations/deploy/study.csv:2:5
   |
 2 | \"a\\\"b\"
   |     ^
  help: a double quote inside a quoted cell is written twice: `\"a \"\"word\"\"\"`";
    for command in ["check", "lock"] {
        let ran = place.run(command);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.stderr.starts_with(warning), "{ran:?}");
    }
}

#[test]
fn many_hazards_of_one_rule_are_one_and_check_counts_them_by_rule() {
    let place = Place::new();
    place.write(ONE, "CREATE TABLE one (id integer, code text);\n");
    let many: String = (0..2863).map(|n| format!("CREATE INDEX one_{n} ON one (id);\n")).collect();
    place.write(TWO, format!("{many}ALTER TABLE one ALTER code SET NOT NULL;\n"));
    let first = HAZARD.replace("one_id", "one_0").replace(
        "  help: build",
        "  note: the same 2862 more times in this patch, in the lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 …\n  help: build",
    );
    let ran = place.run("check");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with(&format!("error: {first}\n\nerror: ")), "{}", ran.stderr);
    let end = "\n\nerror: hazards by rule: 2863 of `index-not-concurrent`, 1 of `set-not-null`\n";
    assert!(ran.stderr.ends_with(end), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("error: ").count(), 3, "{}", ran.stderr);
    place.write(MANIFEST, "lint: { index-not-concurrent: warn, set-not-null: off }\n");
    assert_eq!(
        place.run("check").ok().stderr,
        format!("warning: {first}\n\nhazards by rule: 2863 of `index-not-concurrent`\n")
    );
}

#[test]
fn a_result_that_cannot_be_written_is_an_error_and_a_closed_pipe_is_not() {
    let place = Place::new();
    place.write(ONE, "CREATE TABLE one (id integer);\n");
    for words in [["check"], ["--help"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ran = place.command(&words).stdout(full).output().unwrap();
        assert_eq!(ran.status.code(), Some(1));
        assert_eq!(
            String::from_utf8(ran.stderr).unwrap(),
            "error: the result can't be written to stdout: No space left on device (os error 28)\n  \
               help: the command did its work; only its output is lost\n",
        );
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = place.command(&words).stdout(writer).output().unwrap();
        assert_eq!((ran.status.code(), ran.stderr.as_slice()), (Some(0), &b""[..]));
    }
}
