//! A crate that depends on the library as users do builds, also if it renames the dependency.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// Where the checkout is.
fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

fn write(directory: &Path, name: &str, text: &str) {
    let path = directory.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Builds a crate with its tests, in the target directory of this one, so that little is built; gives what cargo said.
fn build(directory: &Path) -> String {
    fs::copy(checkout().join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--no-run", "--offline", "--color=never"])
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    said
}

/// The text of a fenced block of README.md, the first one in this language after a line.
fn block(readme: &str, after: &str, language: &str) -> String {
    let (_, rest) =
        readme.split_once(&format!("{after}\n")).unwrap_or_else(|| panic!("README has no line `{after}`"));
    let (_, rest) = rest.split_once(&format!("```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

#[test]
fn a_dependency_may_have_another_name() {
    let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let manifest = format!(
        "[package]\nname = \"renamed\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         schema = {{ package = \"embed-migrate\", path = {:?}, features = [\"cluster\", \"facts\"] }}\n",
        checkout().join("migrate"),
    );
    write(directory.path(), "Cargo.toml", &manifest);
    write(directory.path(), "migrations/patch-1-0-0-std.sql", "CREATE TABLE study (code text);\n");
    write(
        directory.path(),
        "migrations/deploy.yaml",
        "- table: kind\n  with:\n  - column: code\n    type: text\n",
    );
    let library = "#[allow(deprecated, reason = \"a draft\")]\n\
                   pub static MIGRATIONS: schema::Bundle = schema::embed_migrations!();\n\n\
                   #[schema::test(MIGRATIONS, facts = \"migrations/deploy.yaml\", threads = 2)]\n\
                   async fn it_has_the_table(database: schema::testing::TestDatabase) {\n    \
                       assert!(database.url().starts_with(\"postgres\"));\n\
                   }\n";
    write(directory.path(), "src/lib.rs", library);
    let said = build(directory.path());
    assert!(!said.contains("warning: "), "{said}");
}

#[test]
fn what_the_readme_shows_builds_beside_a_checkout() {
    let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let readme = fs::read_to_string(checkout().join("README.md")).unwrap();
    std::os::unix::fs::symlink(checkout(), directory.path().join("embed-migrate")).unwrap();
    let service = directory.path().join("service");
    let package = "[package]\nname = \"service\"\nedition = \"2024\"\n[workspace]\n";
    let dependencies = block(&readme, "## The shortest service", "toml");
    write(&service, "Cargo.toml", &format!("{package}{dependencies}"));
    for file in ["src/main.rs", "build.rs"] {
        write(&service, file, &block(&readme, &format!("`{file}`:"), "rust,ignore"));
    }
    write(
        &service,
        "migrations/patch-1-0-0-std.sql",
        &block(&readme, "`migrations/patch-1-0-0-std.sql`:", "sql"),
    );
    let said = build(&service);
    // Its only patch is a draft, which the first build says.
    assert_eq!(said.matches("warning: ").count(), said.matches("is a draft").count() * 2, "{said}");
}
