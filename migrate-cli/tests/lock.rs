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
        or, if the edit changes nothing in effect: `cargo migrate lock --accept 1.0.0 --reason \"…\"`",
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
  help: comments and white space may change without `--accept`: run `cargo migrate lock`",
    );
    place.run("lock --accept 1.7.0 --reason none").refused(
        "error: the lock file has no patch `1.7.0`
  --> migrations/migrations.lock",
    );
    place.run_words(&["lock", "--accept", "1.0.0", "--reason", " "]).refused(
        "error: `--reason` is empty
  help: say why the edit does not change what the patch does: `--reason \"…\"`",
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
            "error: the lock file has an unresolved conflict
  --> migrations/migrations.lock:1:1
   |
 1 | <<<<<<< ours
   | ^
  help: keep the lines of both sides and remove the markers, then run `cargo migrate lock`, which writes a new digest",
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
  help: restore it with git: a patch that was applied somewhere must stay",
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
        "`COMMIT` is not allowed in a patch",
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
        "error: there is no directory `db`
  help: begin one with `cargo migrate new create-study`, or name another with `--dir`",
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
fn a_conflict_is_reported_as_one_wherever_the_lock_file_is_read() {
    let place = locked();
    place.write(LOCK, format!("<<<<<<< ours\n{}=======\n>>>>>>> theirs\n", place.read(LOCK)));
    for command in ["lock", "check", "new three", "up --name clinic --dry-run"] {
        place.run(command).refused(
            "error: the lock file has an unresolved conflict
  --> migrations/migrations.lock:1:1
   |
 1 | <<<<<<< ours
   | ^
  help: keep the lines of both sides and remove the markers, then run `cargo migrate lock`, which writes a new digest",
        );
    }
}

/// A place with a package, and a bundle in it that is locked.
fn packaged(name: &str) -> Place {
    let place = Place::new();
    place.write("Cargo.toml", format!("[package]\nname = \"{name}\"\n"));
    place.write(ONE, "CREATE TABLE one (id integer);\n");
    place
}

fn name_of(place: &Place) -> Option<String> {
    place.read(LOCK).lines().find_map(|line| line.strip_prefix("bundle ").map(str::to_owned))
}

#[test]
fn the_bundles_name_is_locked_and_survives_another_name_of_the_crate() {
    let place = packaged("app");
    place.run("lock").ok();
    assert_eq!(name_of(&place).as_deref(), Some("app"));
    place.write("Cargo.toml", "[package]\nname = \"app-server\"\n");
    place.write(TWO, "CREATE TABLE two (id integer);\n");
    place.run("lock").ok();
    assert_eq!(name_of(&place).as_deref(), Some("app"));
    place.run("check --locked").ok();
    // Nor does the option rename it.
    place.run("--name other status --database-url postgresql://nowhere.invalid/x").refused(
        "error: the bundle in `migrations` is called `app`, and `--name` says `other`
  help: leave out `--name`: databases have its patches under `app`; `cargo migrate lock --rename other` changes the name",
    );
}

#[test]
fn a_lock_file_without_a_name_works_until_it_is_written_next() {
    let place = packaged("app");
    place.run("lock").ok();
    // As releases wrote it that kept no name.
    let patch = place.read(LOCK).lines().find(|line| line.starts_with("patch ")).unwrap().to_owned() + "\n";
    let head = place.read(LOCK).lines().next().unwrap().to_owned();
    place.write(LOCK, format!("{head}\ndigest {}\n{patch}", embed_migrate_core::Checksum::of(&patch)));
    place.run("check --locked").ok();
    place.run("lock").ok();
    assert_eq!(name_of(&place).as_deref(), Some("app"));
    place.run("check --locked").ok();
}

#[test]
fn two_names_for_a_bundle_are_refused_with_both_places() {
    let place = packaged("app");
    place.run("lock").ok();
    place.write("migrations/bundle.yaml", "schema: shop\nname: shop\n");
    let message = "error: bundle.yaml calls the bundle `shop`, but it is locked as `app`
  --> migrations/bundle.yaml:2:7
   |
 2 | name: shop
   |       ^^^^
  note: `app` is in migrations/migrations.lock:3:8, and databases have its patches under that name
  help: write `name: app` into bundle.yaml, or remove the key; `cargo migrate lock --rename shop` changes the name";
    for command in ["check", "lock", "status --database-url postgresql://nowhere.invalid/x"] {
        place.run(command).refused(message);
    }
    assert_eq!(name_of(&place).as_deref(), Some("app"));
    let ran = place.run("lock --rename shop").ok();
    assert_eq!(ran.stdout, "renamed app to shop\n");
    assert_eq!(
        ran.stderr,
        "databases that have patches of `app` keep them under that name, and refuse `shop`: see `--new-history`\n\
         wrote migrations/migrations.lock: commit it\n"
    );
    assert_eq!(name_of(&place).as_deref(), Some("shop"));
    place.run("check --locked").ok();
}

#[test]
fn a_bundle_is_renamed_by_that_word_only_and_to_a_name() {
    let place = packaged("app");
    place.run("lock").ok();
    assert_eq!(place.run("lock --rename app").ok().stdout, "");
    let refused = |name: &str, message: &str| place.run_words(&["lock", "--rename", name]).refused(message);
    let form =
        "help: a name is letters, digits, `-` and `_`, at most 63 bytes; `migrate` is the history's own";
    refused("it's", &format!("error: `it's` can't be the name of a bundle\n  {form}"));
    refused("migrate", &format!("error: `migrate` can't be the name of a bundle\n  {form}"));
    place.write("migrations/bundle.yaml", "name: app\n");
    refused(
        "shop",
        "error: bundle.yaml calls the bundle `app`
  --> migrations/bundle.yaml:1:7
   |
 1 | name: app
   |       ^^^
  help: write `name: shop` there, or remove the key; then run this again",
    );
    assert_eq!(name_of(&place).as_deref(), Some("app"));
    place.run("--dir migrations --dir other lock --rename shop").refused(
        "error: another name is for one directory, and several are given\n  help: give `--dir` once",
    );
}

#[test]
fn a_merge_of_two_names_is_refused() {
    let place = packaged("app");
    place.run("lock").ok();
    place.write(LOCK, place.read(LOCK).replace("bundle app\n", "bundle app\nbundle shop\n"));
    place.run("lock").refused(
        "error: the lock file has two names for the bundle: `app` and `shop`
  --> migrations/migrations.lock
  help: keep the line with the name under which databases have its patches, and remove the other line",
    );
    place.write(LOCK, place.read(LOCK).replace("bundle shop\n", "bundle app\n"));
    place.run("lock").ok();
    place.write(LOCK, place.read(LOCK).replace("bundle app\n", "bundle it's\n"));
    place.run("check").refused(
        "error: a line of the lock file can't be understood
  --> migrations/migrations.lock:3:1
   |
 3 | bundle it's
   | ^^^^^^
  help: the bundle's name is written `bundle NAME`; a name is letters, digits, `-` and `_`, at most 63 bytes; resolve a merge conflict, or restore the file with git",
    );
}

#[test]
fn a_directory_that_nobody_names_is_locked_without_a_name() {
    let place = locked();
    assert_eq!(name_of(&place), None);
    place.run("check --locked").ok();
    // Of several in one package, neither is the package's.
    let place = packaged("app");
    place.write("audit/patch-1-0-0-std.sql", "CREATE TABLE audit (id integer);\n");
    place.run("--dir migrations --dir audit lock").ok();
    assert_eq!(name_of(&place), None);
}
