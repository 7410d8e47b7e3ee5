//! What makes cargo rebuild a crate, and what a release build says about a draft: a small crate is really built.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use tempfile::TempDir;

/// A crate that embeds a directory and prints the versions and the length of all texts.
struct Crate {
    directory: TempDir,
}

impl Crate {
    fn new() -> Crate {
        let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let member = |name: &str, more: &str| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
            format!("embed-{name} = {{ path = {:?}{more} }}", path.canonicalize().unwrap())
        };
        let manifest = format!(
            "[package]\nname = \"rebuilt\"\nedition = \"2024\"\n[workspace]\n\
             [dependencies]\n{}\n[build-dependencies]\n{}\n",
            member("migrate", ", features = [\"facts\"]"),
            member("migrate-core", ""),
        );
        let main = "static M: embed_migrate::Bundle = embed_migrate::embed_migrations!();\n\
                    fn main() {\n    \
                        let versions: Vec<_> = M.patches().iter().map(|patch| patch.version().to_string()).collect();\n    \
                        let bytes: usize = M.patches().iter().map(|patch| patch.text().len()).sum();\n    \
                        if let Some(facts) = M.facts() {\n        \
                            let bytes: usize = M.files().iter().map(|(_, text)| text.len()).sum();\n        \
                            print!(\"facts {} in {} files, {bytes} \", facts.number(), M.files().len());\n    \
                        }\n    \
                        println!(\"{} {bytes}\", versions.join(\" \"));\n\
                    }\n";
        let krate = Crate { directory };
        krate.write("Cargo.toml", &manifest);
        krate.write("src/main.rs", main);
        krate.write("build.rs", "fn main() { embed_migrate_core::build::watch(\"migrations\"); }\n");
        let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.lock");
        fs::copy(lock, krate.directory.path().join("Cargo.lock")).unwrap();
        krate
    }

    /// The same as a release, as far as drafts go: what `--release` turns off, for this crate alone.
    fn release(&self) -> (String, String) {
        self.run(&["--config", "profile.dev.package.rebuilt.debug-assertions=false"])
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// What the binary prints, and what the compiler said.
    fn run(&self, arguments: &[&str]) -> (String, String) {
        let output = Command::new(env!("CARGO"))
            .args(["run", "--offline", "--color=never"])
            .args(arguments)
            .current_dir(self.directory.path())
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join(".."))
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (text(output.stdout), text(output.stderr))
    }
}

/// The crates share a name and a target directory, so that little is built: one at a time.
static TURN: Mutex<()> = Mutex::new(());

#[test]
fn files_that_are_added_changed_or_removed_are_embedded_anew() {
    let _turn = TURN.lock().unwrap_or_else(|broken| broken.into_inner());
    let krate = Crate::new();
    krate.write("migrations/patch-1-0-0-std.sql", "SELECT 1;\n");
    let (output, messages) = krate.run(&[]);
    assert_eq!(output, "1.0.0 10\n", "{messages}");
    assert!(messages.contains("warning: use of deprecated constant"), "{messages}");
    let (_, messages) = krate.run(&[]);
    assert!(!messages.contains("Compiling rebuilt"), "{messages}");

    krate.write("migrations/patch-1-1-0-std.sql", "SELECT 2;\n");
    assert_eq!(krate.run(&[]).0, "1.0.0 1.1.0 20\n");
    krate.write("migrations/patch-1-1-0-std.sql", "SELECT 2345;\n");
    assert_eq!(krate.run(&[]).0, "1.0.0 1.1.0 23\n");
    // Ten megabytes, and what a byte order mark and line ends become.
    let rows = "INSERT INTO study VALUES (1);\r\n".repeat(350_000);
    krate.write("migrations/patch-1-1-0-std.sql", &format!("\u{feff}{rows}"));
    assert_eq!(krate.run(&[]).0, format!("1.0.0 1.1.0 {}\n", 10 + 350_000 * 30));
    fs::remove_file(krate.directory.path().join("migrations/patch-1-1-0-std.sql")).unwrap();
    assert_eq!(krate.run(&[]).0, "1.0.0 10\n");

    let message = "patch `1.0.0` is a draft\n\
                   \u{20}        --> migrations/patch-1-0-0-std.sql\n\
                   \u{20}        help: run `cargo migrate lock` when it is ready to be released\n";
    let (output, release) = krate.release();
    assert!(output.is_empty() && release.contains(&format!("error: {message}")), "{release}");
    // Told once.
    assert!(!release.contains("warning: use of deprecated"), "{release}");
}

#[test]
fn facts_that_are_changed_are_embedded_anew() {
    let _turn = TURN.lock().unwrap_or_else(|broken| broken.into_inner());
    let krate = Crate::new();
    krate.write("migrations/deploy.yaml", "include: deploy/study.yaml\n");
    krate.write("migrations/deploy/study.yaml", "table: study\n");
    assert_eq!(krate.run(&[]).0, "facts 1 in 2 files, 40  0\n");
    krate.write("migrations/deploy/study.yaml", "table: study\ntitle: Studies\n");
    assert_eq!(krate.run(&[]).0, "facts 1 in 2 files, 55  0\n");
    krate.write("migrations/deploy.yaml", "table: study\n");
    assert_eq!(krate.run(&[]).0, "facts 1 in 1 files, 13  0\n");
    // A file that another tool wrote, and one that wasn't there.
    krate.write("migrations/deploy.yaml", "\u{feff}include: deploy/site.yaml\r\n");
    assert!(krate.run(&[]).1.contains("there is no file `migrations/deploy/site.yaml`"));
    krate.write("migrations/deploy/site.yaml", "table: site\n");
    assert!(krate.run(&[]).0.starts_with("facts 1 in 2 files, "));

    // Rows that are read with a warning.
    let facts = "- table: study\n  with: [{column: code, type: text}, {identity: [code]}]\n- data: deploy/study.csv\n";
    krate.write("migrations/deploy.yaml", facts);
    krate.write("migrations/deploy/study.csv", "code\n\"a\\\"b\"\n");
    let (output, messages) = krate.run(&[]);
    let warning = "text after a quoted cell was read as part of the cell\n\
                   \u{20}          --> migrations/deploy/study.csv:2:5\n";
    assert!(output.starts_with("facts 1 in 2 files, ") && messages.contains(warning), "{output}{messages}");

    let message = "revision 1 of the facts is a draft\n\
                   \u{20}        --> migrations/deploy.yaml\n\
                   \u{20}        help: run `cargo migrate lock` when it is ready to be released\n";
    let (output, release) = krate.release();
    assert!(output.is_empty() && release.contains(&format!("error: {message}")), "{release}");
}
