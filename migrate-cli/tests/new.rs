//! `new` takes the next number, and changes nothing if it refuses.

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
        "error: the directory's patches have the other numbering scheme
  help: a directory has one scheme: leave out `--scheme`",
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
            "error: `{slug}` can't be part of a file name
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

/// A workspace whose member `app` is a crate.
fn workspace() -> Place {
    let place = Place::new();
    place.write("Cargo.toml", "[workspace]\nmembers = [\"app\"]\n");
    place.write("app/Cargo.toml", "[package]\nname = \"app\"\nversion = \"0.1.0\"\n");
    place.write("app/src/lib.rs", "");
    place
}

/// What it prints on stdout, and on stderr if it is refused.
fn new_in(place: &Place, directory: &str, slug: &str) -> String {
    let ran = place.run_in(directory, &["new", slug]);
    let text = if ran.code == 0 { ran.stdout } else { ran.stderr };
    text.trim_end().to_owned()
}

#[test]
fn the_directory_is_looked_for_upwards() {
    let place = workspace();
    // There is none yet: it belongs beside the crate's Cargo.toml.
    assert_eq!(new_in(&place, "app/src", "one"), "../migrations/patch-1-0-0-std-one.sql");
    assert_eq!(new_in(&place, "app/src", "two"), "../migrations/patch-1-1-0-std-two.sql");
    assert_eq!(new_in(&place, "app", "three"), "migrations/patch-1-2-0-std-three.sql");
    assert_eq!(new_in(&place, "app/migrations", "four"), "./patch-1-3-0-std-four.sql");
    place.write("app/migrations/deploy/study.yaml", "");
    assert_eq!(new_in(&place, "app/migrations/deploy", "five"), "../patch-1-4-0-std-five.sql");
    assert_eq!(place.files("app"), ["Cargo.toml", "migrations", "src"]);
    // A crate without patches of its own finds those of the workspace.
    let place = workspace();
    place.write("migrations/00001-one.sql", "SELECT 1;\n");
    assert_eq!(new_in(&place, "app/src", "two"), "../../migrations/00002-two.sql");
    // But not what lies above the workspace, or the repository.
    let place = Place::new();
    place.write("migrations/00001-one.sql", "SELECT 1;\n");
    place.write("repository/.git/HEAD", "");
    place.write("repository/app/Cargo.toml", "[package]\nname = \"app\"\n");
    assert_eq!(new_in(&place, "repository/app", "one"), "migrations/patch-1-0-0-std-one.sql");
}

#[test]
fn the_other_commands_look_upwards_too() {
    let place = workspace();
    place.write("app/migrations/00001-one.sql", "SELECT 1;\n");
    place.run_in("app/src", &["lock"]).ok();
    assert!(place.read("app/migrations/migrations.lock").contains("\nbundle app\n"));
    place.run_in("app/src", &["check", "--locked"]).ok();
}

#[test]
fn no_second_directory_is_made_unasked() {
    let place = workspace();
    place.write("app/db/shop/00001-one.sql", "SELECT 1;\n");
    place.write("app/db/shop/migrations.lock", "");
    let refused = "error: this directory has no `migrations`
  note: there are patches in `db/shop`
  help: name it: `--dir db/shop`, or begin here with `--dir migrations`";
    assert_eq!(new_in(&place, "app", "two"), refused);
    assert_eq!(
        new_in(&place, "app/src", "two"),
        "error: `..` has no `migrations`
  note: there are patches in `../db/shop`
  help: name it: `--dir ../db/shop`, or begin here with `--dir ../migrations`"
    );
    assert_eq!(place.files("app"), ["Cargo.toml", "db", "src"]);
    // Patches of its tests are none of its own, and what was asked for is made.
    place.write("app/tests/fixture/migrations/00001-one.sql", "SELECT 1;\n");
    assert_eq!(new_in(&place, "app", "two"), refused);
    place.run_in("app", &["new", "one", "--dir", "migrations"]).ok();
    // Without Cargo as well.
    let place = Place::new();
    place.write("sql/bundle.yaml", "name: app\n");
    place.run("new one").refused(refused.replace("db/shop", "sql").as_str());
}

#[test]
fn a_workspaces_root_says_what_it_is() {
    let place = workspace();
    let nothing = "error: this directory is the root of a workspace, and has no `migrations`
  help: go to the crate that embeds the patches, or name their directory with `--dir`";
    place.run("check").refused(nothing);
    place.run("status").refused(nothing);
    place.run("new one").refused(&format!("{nothing}, or begin here with `--dir migrations`"));
    new_in(&place, "app", "one");
    let one = "error: this directory is the root of a workspace, and has no `migrations`
  note: there are patches in `app/migrations`
  help: name it: `--dir app/migrations`";
    place.run("check").refused(one);
    place.run("new two").refused(&format!("{one}, or begin here with `--dir migrations`"));
    place.write("crates/audit/migrations/bundle.yaml", "name: audit\n");
    place.run("up").refused(
        "error: this directory is the root of a workspace, and has no `migrations`
  note: there are patches in `app/migrations`, `crates/audit/migrations`
  help: name the one that is meant with `--dir`",
    );
    assert!(!place.path("migrations").exists());
}

#[test]
fn yaml_patches_have_their_numbers() {
    let place = Place::new();
    place.write("migrations/bundle.yaml", "name: app\n");
    place.write("migrations/deploy.yaml", "table: study\n");
    place.write("migrations/patch-1-0-0-std-study.yaml", "table: study\n");
    assert_eq!(new(&place, "two"), "migrations/patch-1-1-0-std-two.sql");
    let place = Place::new();
    place.write("migrations/00001-study.yaml", "table: study\n");
    assert_eq!(new(&place, "two"), "migrations/00002-two.sql");
}

#[test]
fn the_last_number_is_the_last() {
    let place = Place::new();
    place.write("migrations/2147483647-one.sql", "SELECT 1;\n");
    let nothing = "help: is a digit too many in that file's name? Rename it where no database has it; otherwise the bundle goes no further";
    let refused = |place: &Place, arguments: &str, message: &str| {
        place.run(arguments).refused(message);
        assert_eq!(place.files("migrations").len(), 1);
    };
    refused(
        &place,
        "new two",
        &format!("error: no number comes after `2147483647`, which patch `2147483647.0.0` has\n  {nothing}"),
    );
    let place = Place::new();
    place.write("migrations/patch-2147483647-2147483647-2147483647-std.sql", "SELECT 1;\n");
    let refused = |arguments: &str, help: &str| {
        let version = "2147483647.2147483647.2147483647";
        let message =
            format!("error: no number comes after `2147483647`, which patch `{version}` has\n  {help}");
        refused(&place, arguments, &message);
    };
    refused("new two --major", nothing);
    refused("new two", "help: begin a new release: `--major`");
    refused("new two --hotfix-of 2147483647.2147483647.2147483647", "help: correct a later patch");
}
