//! A crate that depends on the library as its users do builds, be it by another name.
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

/// Builds a crate with its tests, in the target directory of this one, so that little is built.
fn build(directory: &Path) {
    fs::copy(checkout().join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["test", "--no-run", "--offline", "--color=never"])
        .current_dir(directory)
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && !said.contains("warning: "), "{said}");
}

#[test]
fn a_dependency_may_have_another_name() {
    let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let manifest = format!(
        "[package]\nname = \"renamed\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         schema = {{ package = \"migrate\", path = {:?}, features = [\"cluster\", \"facts\"] }}\n",
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
    build(directory.path());
}
