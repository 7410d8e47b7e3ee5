//! `new` numbers by what is there, and changes nothing where it refuses.

mod support;

use support::Place;

fn new(place: &Place, arguments: &str) -> String {
    let ran = place.run(&format!("new {arguments}")).ok();
    ran.stdout.trim_end().to_owned()
}

#[test]
fn an_empty_directory_begins_with_a_release() {
    let place = Place::new();
    assert_eq!(new(&place, "create-study"), "migrations/patch-1-0-0-std-create-study.sql");
    assert_eq!(place.files("migrations"), ["migrations.lock", "patch-1-0-0-std-create-study.sql"]);
    assert!(
        place
            .read("migrations/migrations.lock")
            .ends_with("\ndraft 1.0.0 std patch-1-0-0-std-create-study.sql\n")
    );
    let text = place.read("migrations/patch-1-0-0-std-create-study.sql");
    assert!(text.starts_with("-- create study\n") && text.contains("min-app"), "{text}");
}

#[test]
fn the_next_version_follows() {
    let place = Place::new();
    assert_eq!(new(&place, "one"), "migrations/patch-1-0-0-std-one.sql");
    assert_eq!(new(&place, "two --kind concurrent"), "migrations/patch-1-1-0-concurrent-two.sql");
    assert_eq!(new(&place, "three --major"), "migrations/patch-2-0-0-std-three.sql");
    assert_eq!(new(&place, "four --hotfix-of 1.0.0"), "migrations/patch-1-0-1-std-four.sql");
    assert_eq!(new(&place, "five --hotfix-of 1.0"), "migrations/patch-1-0-2-std-five.sql");
    assert_eq!(new(&place, "six --kind direct"), "migrations/patch-2-1-0-direct-six.sql");
    let lock = place.read("migrations/migrations.lock");
    let versions: Vec<_> =
        lock.lines().filter_map(|line| line.strip_prefix("draft ")?.split(' ').next()).collect();
    assert_eq!(versions, ["1.0.0", "1.0.1", "1.0.2", "1.1.0", "2.0.0", "2.1.0"]);
}

#[test]
fn ordinals_are_continued() {
    let place = Place::new();
    assert_eq!(new(&place, "one --scheme ordinal"), "migrations/00001-one.sql");
    assert_eq!(new(&place, "two --kind concurrent"), "migrations/00002-two.concurrent.sql");
    place.run("new three --major").refused(
        "error: patches numbered 00001, 00002 … have neither releases nor hotfixes
  help: leave out `--major` and `--hotfix-of`: the patch gets the next number",
    );
    place.run("new three --scheme release").refused(
        "error: the directory's patches are numbered in the other way
  help: a directory has one way of numbering: leave out `--scheme`",
    );
}

#[test]
fn a_baseline_is_followed() {
    let place = Place::new();
    place.write("db/baseline-4-2-0.sql", "CREATE TABLE study ();\n");
    assert_eq!(new(&place, "title --dir db"), "db/patch-4-3-0-std-title.sql");
}

#[test]
fn a_slug_that_is_no_part_of_a_name_is_refused() {
    let place = Place::new();
    for slug in ["add title", "a.down", "a/b", "../a", "", "it's", "a.concurrent"] {
        place.run_words(&["new", slug]).refused(&format!(
            "error: `{slug}` can't stand in a file's name
  help: a slug is letters, digits, `-` and `_`, such as `index-study-title`"
        ));
    }
    assert!(!place.path("migrations").exists());
}

#[test]
fn a_hotfix_needs_what_it_corrects() {
    let place = Place::new();
    place.run("new one --hotfix-of 1.0.0").refused(
        "error: there is no patch `1.0.0` to correct
  help: the directory has no patches yet",
    );
    new(&place, "one");
    place.run("new two --hotfix-of 1.2.0").refused(
        "error: there is no patch `1.2.0` to correct
  help: the last patch is `1.0.0`",
    );
}

#[test]
fn a_misnamed_file_is_refused_before_anything_is_written() {
    let place = Place::new();
    place.write("migrations/patch-1-0-0-sdt.sql", "SELECT 1;\n");
    let ran = place.run("new one");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("error: `patch-1-0-0-sdt.sql` is not the name of a patch\n"), "{ran:?}");
    assert_eq!(place.files("migrations"), ["patch-1-0-0-sdt.sql"]);
}

#[test]
fn cargo_puts_a_word_before_the_arguments() {
    let place = Place::new();
    place.run("migrate new one").ok();
    assert!(place.path("migrations/patch-1-0-0-std-one.sql").exists());
}
