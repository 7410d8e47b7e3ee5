//! For build scripts: what a macro can't tell cargo. In the `main` of `build.rs`:
//!
//! ```no_run
//! embed_migrate_core::build::watch("migrations");
//! embed_migrate_core::build::revision();
//! ```
#![allow(clippy::print_stdout, reason = "cargo reads what a build script prints")]

use std::path::Path;

/// Makes cargo build the crate again when a file is added to, changed in or removed from `directory`, which is
/// relative to the crate's manifest.
///
/// `embed_migrations!()` alone notices changed and removed files, and a changed lock file, but no file that was
/// added by hand.
pub fn watch(directory: impl AsRef<Path>) {
    println!("cargo::rerun-if-changed={}", directory.as_ref().display());
}

/// Records the git revision that is being built, for the history: `embed_migrations!()` embeds it.
///
/// Cargo then builds the crate again after each commit. If there is no git, nothing is recorded.
pub fn revision() {
    let git = |args: &[&str]| -> Option<String> {
        let output = std::process::Command::new("git").args(args).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    for path in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", path]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    if let Some(revision) = git(&["rev-parse", "HEAD"]) {
        println!("cargo::rustc-env=MIGRATE_REVISION={revision}");
    }
}
