//! `lock` and `check`: what is locked stays, and what changed needs a reason.

mod support;

use std::fs;

use support::Place;

const ONE: &str = "migrations/patch-1-0-0-std-one.sql";
const TWO: &str = "migrations/patch-1-1-0-std-two.sql";
const LOCK: &str = "migrations/migrations.lock";

/// A directory with two locked patches.
fn locked() -> Place {
    let place = Place::new();
    place.write(ONE, "CREATE TABLE one (id integer);\n");
    place.write(TWO, "CREATE TABLE two (id integer);\n");
    place.run("lock").ok();
    place
}

#[test]
fn drafts_become_locked() {
    let place = Place::new();
    place.run("new one").ok();
    place.write(ONE, "CREATE TABLE one ();\n");
    let ran = place.run("check").ok();
    assert_eq!(ran.stdout, "migrations: no problems; patches: 1, drafts: 1, the last is 1.0.0\n");
    place.run("check --locked").refused(
        "error: patch `1.0.0` is a draft
  --> migrations/patch-1-0-0-std-one.sql
  help: run `cargo migrate lock` when it is ready to be released, and commit the lock file",
    );
    let ran = place.run("lock").ok();
    assert_eq!(ran.stdout, "locked 1.0.0 (patch-1-0-0-std-one.sql)\n");
    assert!(place.read(LOCK).contains("\npatch 1.0.0 std any sha256:"));
    place.run("check --locked").ok();
    assert_eq!(place.files("migrations"), ["migrations.lock", "patch-1-0-0-std-one.sql"]);
}

#[test]
fn an_unchanged_lock_file_is_not_written() {
    let place = locked();
    let file = fs::File::options().append(true).open(place.path(LOCK)).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let ran = place.run("lock").ok();
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("", "migrations/migrations.lock is up to date\n")
    );
    assert_eq!(fs::metadata(place.path(LOCK)).unwrap().modified().unwrap(), std::time::UNIX_EPOCH);
}

#[test]
fn an_edited_patch_is_refused() {
    let place = locked();
    let before = place.read(LOCK);
    place.write(ONE, "CREATE TABLE one (id bigint);\n");
    for command in ["lock", "check"] {
        place.run(command).refused(
            "error: patch `1.0.0` was edited after it was locked
  --> migrations/patch-1-0-0-std-one.sql
  help: restore the file with git, and put the change into a new patch (`cargo migrate new`)
        or, where the edit changes nothing in effect: `cargo migrate lock --accept 1.0.0 --reason \"…\"`",
        );
    }
    assert_eq!(place.read(LOCK), before);
}

#[test]
fn an_edit_is_accepted_with_a_reason() {
    let place = locked();
    place.write(ONE, "CREATE TABLE public.one (id integer);\n");
    let reason = "public is\nwhere it  went";
    let ran = place.run_words(&["lock", "--accept", "1.0.0", "--reason", reason]).ok();
    assert_eq!(ran.stdout, "accepted 1.0.0 (public is where it went)\n");
    let lock = place.read(LOCK);
    let accept = lock.lines().find(|line| line.starts_with("accept 1.0.0 sha256:")).unwrap();
    assert!(accept.ends_with(" public is where it went"), "{accept}");
    let new = accept.split(' ').nth(3).unwrap();
    assert!(lock.lines().any(|line| line.starts_with("patch 1.0.0 ") && line.contains(new)), "{lock}");
    place.run("check --locked").ok();
    place.run("lock").ok();
    assert_eq!(place.read(LOCK), lock);
}

#[test]
fn only_an_edited_locked_patch_is_accepted() {
    let place = locked();
    place.run("lock --accept 1.0.0 --reason none").refused(
        "error: there is nothing to accept: patch `1.0.0` is as it was locked
  help: comments and white space may change without it: run `cargo migrate lock`",
    );
    place.run("lock --accept 1.7.0 --reason none").refused(
        "error: the lock file has no patch `1.7.0`
  --> migrations/migrations.lock",
    );
    place.run_words(&["lock", "--accept", "1.0.0", "--reason", " "]).refused(
        "error: an edit is accepted for a reason, and none is given
  help: say why it changes nothing in effect: `--reason \"…\"`",
    );
    place.run("new three").ok();
    place.run("lock --accept 1.2.0 --reason none").refused(
        "error: patch `1.2.0` is a draft
  help: a draft may be edited freely: run `cargo migrate lock` without `--accept`",
    );
    assert_eq!(place.run("lock --accept 1.0.0").code, 2);
    assert_eq!(place.run("lock --reason none").code, 2);
}

#[test]
fn a_comment_changes_no_tokens() {
    let place = locked();
    place.write(ONE, "-- The first one.\r\ncreate table one (id integer);\r\n");
    place.run("check").ok();
    place.run("check --locked").refused(
        "error: the lock file is out of date
  --> migrations/migrations.lock
  help: run `cargo migrate lock`, and commit the lock file",
    );
    place.run("lock").ok();
    place.run("check --locked").ok();
    assert!(!place.read(LOCK).contains("accept"));
}

#[test]
fn both_sides_of_a_merge_are_kept() {
    let place = locked();
    let base = place.read(LOCK);
    place.write("migrations/patch-1-2-0-std-three.sql", "CREATE TABLE three ();\n");
    place.run("lock").ok();
    let ours = place.read(LOCK);
    // The other side corrected the first patch.
    fs::rename(place.path("migrations/patch-1-2-0-std-three.sql"), place.path("three")).unwrap();
    place.write(LOCK, &base);
    place.write("migrations/patch-1-0-1-std-hotfix.sql", "ALTER TABLE one ADD name text;\n");
    place.run("lock").ok();
    let theirs = place.read(LOCK);
    fs::rename(place.path("three"), place.path("migrations/patch-1-2-0-std-three.sql")).unwrap();

    place.write(LOCK, format!("<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n"));
    for command in ["lock", "check", "new four"] {
        place.run(command).refused(
            "error: the lock file holds a conflict that is not resolved
  --> migrations/migrations.lock:1:1
   |
 1 | <<<<<<< ours
   | ^
  help: keep the lines of both sides and remove the markers, then run `cargo migrate lock`: it writes the digest anew",
        );
    }

    place.write(LOCK, format!("{ours}{theirs}"));
    assert!(place.run("check").stderr.contains("the lock file's digest does not match its lines"));
    let ran = place.run("lock").ok();
    assert_eq!(ran.stdout, "");
    let lock = place.read(LOCK);
    let versions: Vec<_> =
        lock.lines().filter_map(|line| line.strip_prefix("patch ")?.split(' ').next()).collect();
    assert_eq!(versions, ["1.0.0", "1.0.1", "1.1.0", "1.2.0"]);
    place.run("check --locked").ok();
}

#[test]
fn a_version_that_both_sides_of_a_merge_took_is_refused() {
    let place = locked();
    let ours = place.read(LOCK);
    let mut words: Vec<_> = ours.lines().last().unwrap().split(' ').collect();
    words.swap(4, 5);
    let line = words.join(" ").replace("two.sql", "other.sql");
    place.write(LOCK, format!("{ours}{line}\n"));
    place.run("lock").refused(
        "error: version `1.1.0` is locked twice, with different content
  --> migrations/migrations.lock
  note: as `patch-1-1-0-std-two.sql` and as `patch-1-1-0-std-other.sql`
  help: both sides of a merge added it: give the one that is released nowhere the next free version, by renaming its file, and remove its line",
    );
}

#[test]
fn a_draft_may_go_and_a_locked_patch_may_not() {
    let place = locked();
    place.run("new three").ok();
    fs::remove_file(place.path("migrations/patch-1-2-0-std-three.sql")).unwrap();
    place.run("check").ok();
    place.run("lock").ok();
    assert!(!place.read(LOCK).contains("three"));
    fs::remove_file(place.path(TWO)).unwrap();
    place.run("lock").refused(
        "error: the file of patch `1.1.0` is gone
  --> migrations/migrations.lock
  note: it was `patch-1-1-0-std-two.sql`
  help: restore it with git; what was applied somewhere must stay",
    );
}

#[test]
fn all_problems_are_shown_at_once() {
    let place = Place::new();
    place.write(ONE, "CREATE TABLE one (;\n");
    place.write("migrations/patch-1-2-0-std-three.sql", "COMMIT;\n");
    place.write("migrations/notes.txt", "");
    place.write("migrations/patch-1-2-0-std-four.sql", b"SELECT '\xff';\n");
    let ran = place.run("check");
    assert_eq!(ran.code, 1);
    let problems: Vec<_> = ran.stderr.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    for part in [
        "`notes.txt` is not the name of a patch",
        "`COMMIT` may not stand in a patch",
        "the text is not UTF-8",
        "version `1.2.0` is claimed by two files",
    ] {
        assert!(problems.contains(&part), "{part}: {problems:#?}");
    }
    assert!(ran.stderr.contains(" --> migrations/patch-1-0-0-std-one.sql:1:"), "{}", ran.stderr);
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    Place::new().run("check --dir db").refused(
        "error: cannot read `db`: No such file or directory (os error 2)
  help: make it with `cargo migrate new`, or name another with `--dir`",
    );
}

#[test]
fn an_editors_byte_order_mark_stands_in_no_ones_way() {
    let place = locked();
    let before = place.read(LOCK);
    place.write(LOCK, format!("\u{feff}{before}"));
    place.run("check --locked").ok();
    assert_eq!(place.run("lock").ok().stderr, "migrations/migrations.lock is up to date\n");
    place.write("migrations/patch-1-2-0-std-three.sql", "CREATE TABLE three ();\n");
    place.run("lock").ok();
    assert!(place.read(LOCK).starts_with('#'));
}

#[test]
fn a_conflict_is_told_as_one_wherever_the_lock_file_is_read() {
    let place = locked();
    place.write(LOCK, format!("<<<<<<< ours\n{}=======\n>>>>>>> theirs\n", place.read(LOCK)));
    for command in ["lock", "check", "new three", "up --name clinic --dry-run"] {
        place.run(command).refused(
            "error: the lock file holds a conflict that is not resolved
  --> migrations/migrations.lock:1:1
   |
 1 | <<<<<<< ours
   | ^
  help: keep the lines of both sides and remove the markers, then run `cargo migrate lock`: it writes the digest anew",
        );
    }
}
