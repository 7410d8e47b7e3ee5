//! Writes the listing of the public interface, `docs/interface.txt`; with `--check` it compares the file with the listing.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::{Command, ExitCode};

use structure::{Documented, Listing};

/// The packages, the facade first.
const PACKAGES: [&str; 5] = [
    "embed-migrate",
    "embed-migrate-core",
    "embed-migrate-runtime",
    "embed-migrate-cluster",
    "embed-migrate-cli",
];

fn main() -> io::Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file = root.join("docs/interface.txt");
    let mut crates = BTreeMap::new();
    for package in PACKAGES {
        let name = package.replace('-', "_");
        let json = document(&root, package)?.join(format!("{name}.json"));
        crates.insert(name, Documented::read(&json, &root)?);
    }
    let listing = Listing::new(&PACKAGES[0].replace('-', "_"), &crates).to_string();
    if !std::env::args().any(|argument| argument == "--check") {
        std::fs::write(file, listing)?;
        return Ok(ExitCode::SUCCESS);
    }
    if std::fs::read_to_string(&file)? == listing {
        return Ok(ExitCode::SUCCESS);
    }
    Err(io::Error::other(
        "docs/interface.txt is not what users can reach: run `cargo run -p structure` and look at the change",
    ))
}

/// Has rustdoc write the JSON of a package, and says in which directory it is.
fn document(root: &Path, package: &str) -> io::Result<std::path::PathBuf> {
    // A target directory of its own: if `RUSTC_BOOTSTRAP` changes, packages are built again.
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), std::path::PathBuf::from);
    let target = target.join("interface");
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        // The JSON is not stable yet, and serves nothing but the listing.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .args(["rustdoc", "--quiet", "--lib", "--all-features", "--package", package, "--"])
        .args(["-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"])
        .status()?;
    if status.success() {
        Ok(target.join("doc"))
    } else {
        Err(io::Error::other(format!("rustdoc failed for {package}")))
    }
}
